// Run one step: a small flow of this step alone, in which everything that it reads is an input.

import type { FlowDocument, FlowInput, Json, JsonObject, Task } from "../flow/document";
import { isObject } from "../flow/document";
import { pillsOf } from "../flow/expressions";
import { namesTaken } from "../flow/tree";
import { words } from "../words";
import { recordedValue } from "./recorded";

export interface StepPlan {
  flow: FlowDocument;
  inputs: JsonObject;
  /** What the step reads and nothing is recorded of: a person types it. Inputs that are optional may stay empty. */
  missing: FlowInput[];
}

export function planOf(flow: FlowDocument, task: Task, outputs: JsonObject, schemas: Record<string, JsonObject>): StepPlan {
  const inputs: JsonObject = {};
  const missing: FlowInput[] = [];
  const declared: FlowInput[] = [];
  for (const name of namesReadBy(task, new Set(namesTaken(flow)))) {
    const input = (flow.inputs ?? []).find((one) => one.name === name);
    const value = recordedValue(flow, outputs, name) ?? defaultOf(input);
    if (value === undefined || value === null) {
      const asked: FlowInput = input ?? { name, type: typeOf(schemas[name]), required: true };
      missing.push(asked);
      declared.push(asked);
    } else {
      inputs[name] = value;
      declared.push({ name });
    }
  }
  return { flow: { label: words.runs.oneStepOf(flow.label ?? "", task.label || task.name), inputs: declared, triggers: [], tasks: [task], outputs: [] }, inputs, missing };
}

/** What the server says of the small flow, with places as the form has them. */
export const refusal = (error: unknown): string | undefined =>
  error instanceof Error && error.message ? error.message.replace(/\btasks\[0\]\.parameters\.?/g, "") : undefined;

/** The steps and inputs that the texts of a step name. */
export function namesReadBy(task: Task, known: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  const inside = new Set<string>();
  const walk = (value: Json | undefined, key: string): void => {
    if (typeof value === "string") {
      const isBare = key === "expression" && !value.includes("${");
      const parts = isBare || value.startsWith("=") ? [value] : pillsOf(value).map((pill) => pill.expression);
      for (const part of parts) for (const name of identifiers(part)) if (known.has(name)) found.add(name);
    } else if (Array.isArray(value)) for (const one of value) walk(one, key);
    else if (isObject(value)) {
      if (typeof value.name === "string" && typeof value.type === "string") inside.add(value.name);
      for (const [name, one] of Object.entries(value)) walk(one, name);
    }
  };
  walk(task, "");
  return [...found].filter((name) => !inside.has(name));
}

const IDENTIFIER = /'(?:[^']|'')*'|"[^"]*"|(?<!\.\s*|[\p{L}\p{N}_$])[\p{L}_$][\p{L}\p{N}_$]*/gu;

const identifiers = (expression: string): string[] => expression.match(IDENTIFIER)?.filter((one) => !/^['"]/.test(one)) ?? [];

function defaultOf(input: FlowInput | undefined): Json | undefined {
  const value = input?.default ?? input?.defaultValue;
  return value;
}

function typeOf(schema: JsonObject | undefined): string {
  if (!schema) return "object";
  if (isObject(schema.properties) && "mimeType" in schema.properties) return "file_entry";
  return typeof schema.type === "string" && schema.type !== "null" ? schema.type : "string";
}
