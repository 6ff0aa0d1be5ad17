// The last output of each step of the open flow, and the values that a person typed in place of one.

import { create } from "zustand";

import { json } from "../api/client";
import { useConnection } from "../api/connection";
import { useView } from "../app/view";
import { REPEATING, wordOf } from "../flow/containers";
import { isObject, type FlowDocument, type Json, type JsonObject } from "../flow/document";
import { pathOf, pillsOf } from "../flow/expressions";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { valueAt } from "../form/paths";
import { addressOf } from "../results/files";
import { words } from "../words";
import type { RunState } from "./state";
import { useRun } from "./store";

interface Recorded {
  /** By the name of the step or input. */
  outputs: JsonObject;
  /** What the sandbox made up in rehearsals: no run that is paid reads it. */
  rehearsed: JsonObject;
  keep: (outputs: JsonObject, isRehearsal?: boolean) => void;
}

export const useRecorded = create<Recorded>()((set) => ({
  outputs: {},
  rehearsed: {},
  keep: (outputs, isRehearsal) =>
    set((state) => (isRehearsal ? { rehearsed: { ...state.rehearsed, ...outputs } } : { outputs: { ...state.outputs, ...outputs } })),
}));

/** What a rehearsal, or another run, reads of the steps that it does not perform. */
export function recordedFor(isRehearsal: boolean): JsonObject {
  const { outputs, rehearsed } = useRecorded.getState();
  return isRehearsal ? { ...outputs, ...rehearsed } : outputs;
}

// A step that runs alone shows one output; those of the runs before it are still what the next one reads.
useRun.subscribe(({ run }, before) => {
  if (run && run !== before.run) {
    const found = outputsOf(run, before.run);
    if (Object.keys(found).length > 0) useRecorded.getState().keep(found, run.isRehearsal);
  }
});
useFlow.subscribe((state, before) => {
  if (state.id !== before.id && before.id !== null) forget();
});
// What the sandbox answered is nothing for the models of another connection.
useConnection.subscribe((_, before) => {
  if (before.name === null || before.name === SANDBOX) forget();
});

const SANDBOX = "sandbox";
const forget = (): void => useRecorded.setState({ outputs: {}, rehearsed: {} });

function outputsOf(run: RunState, before: RunState | null): JsonObject {
  const found: JsonObject = {};
  for (const place of run.order) {
    const step = run.steps[place];
    if (step?.output !== undefined && before?.steps[place]?.output !== step.output) found[step.step] = step.output;
  }
  return found;
}

/** Load the recorded values that are too large for the events of a run; false if one is gone. */
export async function hasLoaded(isRehearsal = false): Promise<boolean> {
  const large = Object.entries(recordedFor(isRehearsal)).filter(([, value]) => isLarge(value));
  try {
    const values = await Promise.all(large.map(async ([name, value]) => [name, await json<Json>(addressOf(largeUrl(value)))] as const));
    if (values.length > 0) useRecorded.getState().keep(Object.fromEntries(values), isRehearsal);
    return true;
  } catch {
    useView.getState().say(words.results.notLoaded);
    return false;
  }
}

const largeUrl = (value: Json | undefined): string => (isObject(value) && typeof value.$file === "string" ? value.$file : "");
const isLarge = (value: Json | undefined): boolean => isObject(value) && Object.keys(value).length === 1 && largeUrl(value) !== "";

/** The recorded value of a name; of a container, its first item. */
export function recordedValue(flow: FlowDocument, outputs: JsonObject, name: string): Json | undefined {
  if (outputs[name] !== undefined) return outputs[name];
  const task = find(flow, name)?.task;
  if (!task || !REPEATING.has(wordOf(task))) return undefined;
  const items = listOf(task.parameters?.items, flow, outputs);
  return items && items[0] !== undefined ? { item: items[0], index: 0 } : undefined;
}

function listOf(items: Json | undefined, flow: FlowDocument, outputs: JsonObject): Json[] | undefined {
  if (Array.isArray(items)) return items;
  if (typeof items !== "string") return undefined;
  const [pill] = pillsOf(items);
  const path = pill && pill.end - pill.start === items.length ? pathOf(pill.expression) : undefined;
  if (!path) return undefined;
  const source = recordedValue(flow, outputs, path[0]);
  const value = path[1] === "" ? source : valueAt(source, path[1].replace(/^\./, ""));
  return Array.isArray(value) ? value : undefined;
}

