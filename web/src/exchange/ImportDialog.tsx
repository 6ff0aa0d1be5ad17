import type { ReactElement } from "react";

export function ImportDialog(): ReactElement | null {
  return null;
}
