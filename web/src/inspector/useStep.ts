// What the inspector knows of the selected step, and how it changes it.

import { useCallback, useMemo } from "react";

import { actionFor, useComponent, type Action } from "../api/component";
import { byStep, useFlowCheck, type FlowCheck, type StepProblem } from "../flow/check";
import { wordOf } from "../flow/containers";
import type { Json, Task } from "../flow/document";
import { useFlow } from "../flow/store";
import { find, nameOf, replace, type Step } from "../flow/tree";
import { labelAt, undoGroup, withValue } from "../form/paths";
import { readableBy, type Readable } from "../form/pills/readable";
import type { StepRun } from "../runs/state";
import { aroundOf, placeOf } from "../runs/place";
import { useRun } from "../runs/store";
import { words } from "../words";
import { FAILURE, LABEL, NAME } from "./settings";
import { WORD_FORMS } from "./wordForms";

export interface InspectedStep {
  step: Step;
  action: Action | undefined;
  check: FlowCheck | undefined;
  problems: StepProblem[];
  readable: Readable[];
  /** Where the step stands in a run: inside a container, in the item that is shown. */
  place: string;
  run: StepRun | undefined;
}

/** The step that is selected alone. */
export function useSelected(): { name: string | undefined; count: number } {
  const selected = useFlow((state) => state.selected);
  const names = [...selected].filter((name) => !name.includes(":"));
  return { name: names.length === 1 ? names[0] : undefined, count: names.length };
}

export function useStep(ref: string): InspectedStep | undefined {
  const name = nameOf(ref);
  const flow = useFlow((state) => state.flow);
  const { data: component } = useComponent();
  const check = useFlowCheck();
  const place = usePlace(name);
  const run = useRun((state) => state.run?.steps[place]);
  const step = useMemo(() => find(flow, ref), [flow, ref]);
  const problems = useMemo(() => (check ? (byStep(check.flow, check.problems)[name] ?? []) : []), [check, name]);
  const readable = useMemo(() => readableBy(flow, ref, check?.outputs ?? {}), [flow, ref, check?.outputs]);
  return step && { step, action: actionFor(component, step.task), check, problems, readable, place, run };
}

function usePlace(name: string): string {
  const flow = useFlow((state) => state.flow);
  const shownItems = useRun((state) => state.shownItems);
  return useMemo(() => placeOf(name, aroundOf(flow, name), shownItems), [flow, name, shownItems]);
}

/** Change a parameter of a step; keystrokes in one field are undone together. */
export function useParameterChange(name: string): (path: string, value: Json | undefined) => void {
  const { data: component } = useComponent();
  return useCallback(
    (path, value) => {
      const found = find(useFlow.getState().flow, name)?.task;
      const properties = found && (actionFor(component, found)?.properties ?? WORD_FORMS[wordOf(found)]);
      const change = (task: Task): Task => ({ ...task, parameters: withValue(task.parameters ?? {}, path, value) });
      const group = undoGroup(found?.parameters ?? {}, path, value, `${name}.`);
      useFlow.getState().edit(words.inspector.change(labelAt(properties ?? [], path)), (flow) => replace(flow, name, change), group);
    },
    [name, component],
  );
}

const SETTINGS = [LABEL, NAME, ...FAILURE];

/** Change a key of the task itself, such as its label. */
export function useTaskChange(name: string): (key: string, value: Json | undefined) => void {
  return useCallback(
    (key, value) => {
      const change = (task: Task): Task => withValue(task, key, value) as Task;
      useFlow.getState().edit(words.inspector.change(labelAt(SETTINGS, key)), (flow) => replace(flow, name, change), `${name}/${key}`);
    },
    [name],
  );
}
