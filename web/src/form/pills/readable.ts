// What an expression of a step can read: inputs, earlier steps with the fields of their outputs, items around it.

import { REPEATING, slotsOf, wordOf } from "../../flow/containers";
import { isObject, type FlowDocument, type Json, type JsonObject } from "../../flow/document";
import { expressionOf } from "../../flow/expressions";
import { find, stepsOf, type Step } from "../../flow/tree";
import type { Key } from "../paths";

export interface Readable {
  /** `ask_1.scenes`, as it stands in a pill. */
  expression: string;
  /** The step or input. */
  name: string;
  path: Key[];
  /** `text`, `list`, `file` …; empty if nothing is known. */
  kind: string;
  /** The task type of a step; empty for an input. */
  type: string;
  label: string;
}

/** Inputs first, then the steps from the nearest to the farthest. */
export function readableBy(flow: FlowDocument, step: string | undefined, outputs: Record<string, JsonObject>): Readable[] {
  const inputs = (flow.inputs ?? []).map((input) => ({
    expression: input.name,
    name: input.name,
    path: [],
    kind: kindOf({ type: input.type === "file_entry" ? "object" : (input.type ?? "") }),
    type: "",
    label: input.label ?? "",
  }));
  return [...inputs, ...readableSteps(flow, step).flatMap((one) => fieldsOf(one, step, flow, outputs))];
}

/** Whether a step can read another one, or an input. */
export const reads = (flow: FlowDocument, step: string, source: string): boolean =>
  readableSteps(flow, step).some((one) => one.ref === source) || (flow.inputs ?? []).some((one) => one.name === source);

function readableSteps(flow: FlowDocument, name: string | undefined): Step[] {
  const steps = stepsOf(flow);
  if (name === undefined) return steps.filter((one) => !one.around.some((outer) => isRepeating(flow, outer))).reverse();
  const own = steps.findIndex((one) => one.ref === name);
  const target = steps[own];
  return target ? steps.slice(0, own).filter((one) => canRead(flow, target, one)).reverse() : [];
}

function canRead(flow: FlowDocument, target: Step, other: Step): boolean {
  if (target.around.includes(other.task.name)) return true;
  const alone = other.around.filter((name) => !target.around.includes(name));
  if (alone.some((name) => isRepeating(flow, name))) return false;
  const shared = target.around.filter((name) => other.around.includes(name)).at(-1);
  if (shared === undefined) return true;
  const word = wordOf(find(flow, shared)?.task ?? target.task);
  if (word === "parallel") return false;
  const [mine, theirs] = [target, other].map((one) => slotIn(flow, shared, one));
  return mine === theirs || word === "on-error";
}

function slotIn(flow: FlowDocument, container: string, step: Step): string | undefined {
  const task = find(flow, container)?.task;
  const inner = [...step.around, step.task.name];
  const child = inner[inner.indexOf(container) + 1];
  return task && slotsOf(task).find((slot) => slot.tasks.some((one) => one.name === child))?.key;
}

function fieldsOf(step: Step, reader: string | undefined, flow: FlowDocument, outputs: Record<string, JsonObject>): Readable[] {
  const { name, type, label = "" } = step.task;
  const field = (path: Key[], schema: JsonObject): Readable => ({
    expression: expressionOf(name, path), name, path, kind: kindOf(schema), type, label,
  });
  const around = reader === undefined ? [] : (find(flow, reader)?.around ?? []);
  if (around.includes(name)) return aroundFields(step, flow, outputs, field);
  const schema = outputs[name] ?? {};
  if (schema.type === "null") return [];
  return [field([], schema), ...inside(schema, []).map(([path, one]) => field(path, one))];
}

/** Of a container around a step: the item of a loop, the error of an error branch. */
function aroundFields(step: Step, flow: FlowDocument, outputs: Record<string, JsonObject>, field: (path: Key[], schema: JsonObject) => Readable): Readable[] {
  const word = wordOf(step.task);
  if (word === "on-error") return [field(["error", "message"], { type: "string" }), field(["error", "type"], { type: "string" })];
  if (!REPEATING.has(word)) return [];
  const item = itemSchema(step.task.parameters?.items, flow, outputs);
  return [
    field(["item"], item),
    ...inside(item, ["item"]).map(([path, one]) => field(path, one)),
    field(["index"], { type: "integer" }),
  ];
}

/** The schema of the items of `${ask_1.scenes}`. */
function itemSchema(items: Json | undefined, flow: FlowDocument, outputs: Record<string, JsonObject>): JsonObject {
  if (typeof items !== "string") return {};
  const source = stepsOf(flow).flatMap((step) => {
    const { name } = step.task;
    const schema = outputs[name] ?? {};
    return [[[] as Key[], schema] as const, ...inside(schema, [])].flatMap(([path, one]) =>
      items.trim() === `\${${expressionOf(name, path)}}` ? [one] : [],
    );
  })[0];
  return isObject(source?.items) ? source.items : {};
}

const DEPTH = 5;

function inside(schema: JsonObject, path: Key[]): [Key[], JsonObject][] {
  if (path.length >= DEPTH) return [];
  const found: [Key[], JsonObject][] = [];
  for (const [key, one] of Object.entries(isObject(schema.properties) ? schema.properties : {}))
    if (isObject(one)) found.push([[...path, key], one], ...inside(one, [...path, key]));
  if (isObject(schema.items) && isObject(schema.items.properties))
    found.push([[...path, 0], schema.items], ...inside(schema.items, [...path, 0]));
  return found;
}

const KINDS: Record<string, string> = {
  string: "text", number: "number", integer: "number", boolean: "yes or no", array: "list", object: "object",
};

export function kindOf(schema: JsonObject): string {
  if (isObject(schema.properties) && "mimeType" in schema.properties && "url" in schema.properties) return "file";
  return typeof schema.type === "string" ? (KINDS[schema.type] ?? "") : "";
}

function isRepeating(flow: FlowDocument, name: string): boolean {
  const task = find(flow, name)?.task;
  return task !== undefined && REPEATING.has(wordOf(task));
}
