import type { ReactElement } from "react";

export function Inspector(): ReactElement | null {
  return null;
}
