import type { ReactElement } from "react";

export function RunsView(): ReactElement | null {
  return null;
}
