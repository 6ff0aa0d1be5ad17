// Open a step at one of its fields.

import { useView } from "../app/view";
import { leave } from "../flow/left";
import { useFlow } from "../flow/store";

const TRIES = 30;
const WAIT_MS = 100;

/** Select a step, and put the focus into a field as soon as its form is there. */
export function showField(step: string, path: string): void {
  useFlow.getState().select([step]);
  useView.getState().setInspector({ isInspectorOpen: true });
  leave(step, path);
  const look = (tries: number): void => {
    const field = fieldAt(path);
    if (field) focus(field);
    else if (tries > 0) {
      document.querySelector<HTMLElement>('.inspector .fold-head[aria-expanded="false"]')?.click();
      setTimeout(() => look(tries - 1), WAIT_MS);
    }
  };
  requestAnimationFrame(() => look(TRIES));
}

/** The field at a path, or the nearest one around it. */
function fieldAt(path: string): HTMLElement | null {
  const parts = path.split(/(?=[.[])/);
  for (let length = parts.length; length > 0; length -= 1) {
    const found = document.querySelector<HTMLElement>(`.inspector [data-path="${CSS.escape(parts.slice(0, length).join(""))}"]`);
    if (found) return found;
  }
  return null;
}

function focus(field: HTMLElement): void {
  field.scrollIntoView({ block: "center" });
  field.querySelector<HTMLElement>("input, [contenteditable], textarea, select, .control, button")?.focus();
}
