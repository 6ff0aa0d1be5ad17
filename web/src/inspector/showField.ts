// Open a step at one of its fields.

import { useView } from "../app/view";
import { leave } from "../flow/left";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";

const TRIES = 30;
const WAIT_MS = 100;

/** Select a step, and put the focus into a field as soon as its form is there. */
export function showField(step: string, path: string): void {
  useFlow.getState().select([step]);
  useView.getState().setInspector({ isInspectorOpen: true });
  leave(step, path);
  const look = (tries: number): void => {
    const field = fieldAt(path);
    if (focusField(field)) return;
    if (tries > 0) {
      if (!field) document.querySelector<HTMLElement>('.inspector .fold-head[aria-expanded="false"]')?.click();
      setTimeout(() => look(tries - 1), WAIT_MS);
    }
  };
  requestAnimationFrame(() => look(TRIES));
}

const CONTROL = ".inspector-body [data-path] :is(input, textarea, [role=textbox], [role=combobox], [role=radio])";

/** Put the focus into the first field of the selected step as soon as its form is there; without fields, into the head. */
export function focusForm(tries = TRIES): void {
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLElement>(CONTROL);
    const { flow, selected } = useFlow.getState();
    const step = [...selected].at(-1) ?? "";
    const isComing = document.querySelector(".inspector [aria-busy=true]") ?? (find(flow, step) && !isShown(step));
    if (isComing && tries > 0) setTimeout(() => focusForm(tries - 1), WAIT_MS);
    else {
      (field ?? document.querySelector<HTMLElement>(".inspector :is(input, textarea, button)"))?.focus();
      // A part of the form that loads later replaces its fields.
      if (tries > 0) setTimeout(() => document.activeElement === document.body && focusForm(tries - 1), 3 * WAIT_MS);
    }
  });
}

/** Whether the panel is that of a step already, and no more that of what was selected before. */
const isShown = (step: string): boolean => document.querySelector(`.inspector[data-step="${CSS.escape(step)}"] .inspector-column`) !== null;

/** The field at a path, or the nearest one around it. */
function fieldAt(path: string): HTMLElement | null {
  const parts = path.split(/(?=[.[])/);
  for (let length = parts.length; length > 0; length -= 1) {
    const found = document.querySelector<HTMLElement>(`.inspector [data-path="${CSS.escape(parts.slice(0, length).join(""))}"]`);
    if (found) return found;
  }
  return null;
}

/** Put the focus into the control of a field, not on a tool beside its label; false if it is not there yet. */
export function focusField(field: HTMLElement | null | undefined): boolean {
  field?.scrollIntoView({ block: "center" });
  const controls = [...(field?.querySelectorAll<HTMLElement>("input, [contenteditable], textarea, select, button, [tabindex]") ?? [])];
  const control = controls.find((one) => !one.closest(".field-head") && one.tabIndex >= 0);
  control?.focus();
  return control !== undefined && document.activeElement === control;
}
