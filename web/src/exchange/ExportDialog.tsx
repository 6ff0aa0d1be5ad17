import type { ReactElement } from "react";

export function ExportDialog(): ReactElement | null {
  return null;
}
