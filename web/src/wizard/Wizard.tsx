import type { ReactElement } from "react";

export function Wizard(): ReactElement | null {
  return null;
}
