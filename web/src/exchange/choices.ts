// What is left to choose after an import: each entry leads to its field, and goes when the field was changed.

import { create } from "zustand";

import { stepAt } from "../flow/check";
import type { FlowDocument, Json } from "../flow/document";
import { useFlow } from "../flow/store";
import { find, stepsOf } from "../flow/tree";
import { valueAt } from "../form/paths";
import type { NumberedFix } from "./adding";

export interface Choice {
  step: string;
  path: string;
  message: string;
  /** What the import wrote there. */
  value: string;
}

export const useChoices = create<{ choices: Choice[] }>()(() => ({ choices: [] }));

/** Keep the choices of an import that was accepted; `flow` holds its steps, perhaps under fresh names. */
export function keepChoices(imported: FlowDocument, fixes: readonly NumberedFix[], flow: FlowDocument): void {
  useChoices.setState({ choices: choicesOf(imported, fixes, flow) });
}

export function choicesOf(imported: FlowDocument, fixes: readonly NumberedFix[], flow: FlowDocument): Choice[] {
  const added = stepsOf({ ...flow, tasks: flow.tasks.slice(flow.tasks.length - imported.tasks.length) });
  const names = new Map(stepsOf(imported).map(({ task }, index) => [task.name, added[index]?.task.name ?? task.name]));
  return fixes
    .filter((fix) => fix.kind === "choose" && fix.step !== "")
    .map((fix) => {
      const [name, path] = stepAt(imported, fix.place);
      const step = names.get(name) ?? name;
      return { step, path, message: fix.message, value: textAt(flow, step, path) };
    });
}

/** The choices whose fields still hold what the import wrote. */
export const openChoices = (choices: readonly Choice[], flow: FlowDocument): Choice[] =>
  choices.filter((one) => find(flow, one.step) && textAt(flow, one.step, one.path) === one.value);

useFlow.subscribe((state, before) => {
  if (state.id !== before.id && before.id !== null) useChoices.setState({ choices: [] });
});

function textAt(flow: FlowDocument, step: string, path: string): string {
  const parameters = find(flow, step)?.task.parameters ?? {};
  const value: Json | undefined = path === "" ? parameters : valueAt(parameters, path);
  return value === undefined ? "" : JSON.stringify(value);
}
