// Dragging a field of an output onto a field of a form.

import type { DragEvent } from "react";

export const FLOW_FIELD = "application/x-flow-field";

/** Begin to drag `${expression}`. */
export function dragField(event: DragEvent, expression: string): void {
  event.dataTransfer.setData(FLOW_FIELD, `\${${expression}}`);
  event.dataTransfer.setData("text/plain", `\${${expression}}`);
  event.dataTransfer.effectAllowed = "copy";
}

export const isFieldDrag = (event: DragEvent): boolean => event.dataTransfer.types.includes(FLOW_FIELD);
