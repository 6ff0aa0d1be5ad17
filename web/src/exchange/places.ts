// Places of a flow as people call them: by the label of the step and the labels of its form.

import { actionFor, type Component } from "../api/component";
import { wordOf } from "../flow/containers";
import { stepAt } from "../flow/check";
import type { FlowDocument } from "../flow/document";
import { find } from "../flow/tree";
import { labelsOf } from "../form/labels";
import { WORD_FORMS } from "../inspector/wordForms";

/** `Summary › Messages › 2 › Content` of `tasks[0].parameters.messages[1].content`. */
export function placeOf(component: Component | undefined, flow: FlowDocument, place: string): string {
  return placeIn(component, flow, ...stepAt(flow, place));
}

/** The same of a step by its name, and a path within its parameters. */
export function placeIn(component: Component | undefined, flow: FlowDocument, step: string, path: string): string {
  const task = find(flow, step)?.task;
  const properties = (task && (actionFor(component, task)?.properties ?? WORD_FORMS[wordOf(task)])) ?? [];
  return [task?.label || step, ...(path === "" ? [] : [labelsOf(properties, path)])].join(" › ");
}
