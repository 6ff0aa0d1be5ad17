import type { ReactElement } from "react";

export function CanvasView(): ReactElement | null {
  return null;
}
