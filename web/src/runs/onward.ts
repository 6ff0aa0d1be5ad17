// Run the open flow from a step on, with what is recorded of the steps before it.

import { useView } from "../app/view";
import { slotsOf } from "../flow/containers";
import type { FlowDocument, JsonObject } from "../flow/document";
import { useFlow } from "../flow/store";
import { find, stepsOf } from "../flow/tree";
import { words } from "../words";
import { readInputs, rememberedInputs, typedOf } from "./inputs";
import { hasLoaded, recordedFor } from "./recorded";
import { startFlow, type StartOptions } from "./starting";
import { useRun } from "./store";

/** `options` change what is remembered: other inputs, a budget. Nothing starts while a result of an earlier step is missing. */
export async function runFrom(name: string, options: Pick<StartOptions, "inputs" | "budget" | "connection"> = {}): Promise<void> {
  // A rehearsal goes on as one: nothing is paid that was not asked for.
  const isRehearsal = useRun.getState().run?.isRehearsal === true;
  if (!(await hasLoaded(isRehearsal))) return;
  const { flow, id } = useFlow.getState();
  const { pinned, missing } = keptBefore(flow, name, recordedFor(isRehearsal));
  if (missing.length > 0) {
    useView.getState().say(words.runs.needsResults(missing.join(", ")));
    return;
  }
  const { run } = useRun.getState();
  const inputs = flow.inputs ?? [];
  const last = run?.prefix === undefined ? run?.inputs : undefined;
  const known = { ...readInputs(inputs, typedOf(inputs, rememberedInputs(id))).values, ...last };
  await startFlow({ inputs: known, ...options, pinned, ...(isRehearsal ? { rehearse: {} } : {}) });
}

/** What the steps before one returned, by their names, and the names of those of which nothing is recorded. */
export function keptBefore(flow: FlowDocument, name: string, outputs: JsonObject): { pinned: JsonObject; missing: string[] } {
  const top = find(flow, name)?.around[0] ?? name;
  const before = flow.tasks.slice(0, Math.max(0, flow.tasks.findIndex((task) => task.name === top)));
  const missing = before.filter((task) => outputs[task.name] === undefined && slotsOf(task).length === 0).map((task) => task.name);
  const inside = stepsOf({ ...flow, tasks: before }).filter(({ task }) => outputs[task.name] !== undefined);
  return {
    missing,
    pinned: Object.fromEntries([...before.map((task) => [task.name, null]), ...inside.map(({ task }) => [task.name, outputs[task.name] ?? null])]) as JsonObject,
  };
}
