import type { ReactElement } from "react";

export function FlowMenu(): ReactElement | null {
  return null;
}
