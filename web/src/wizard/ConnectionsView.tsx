import type { ReactElement } from "react";

export function ConnectionsView(): ReactElement | null {
  return null;
}
