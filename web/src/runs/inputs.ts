// The inputs that a run asks for: from what was typed to the values that are sent. Pure but for the memory of this browser.

import { remember, remembered } from "../app/memory";
import type { FlowInput, Json, JsonObject } from "../flow/document";
import { isFileEntry } from "../results/files";
import { words } from "../words";

/** What the fields hold: texts as typed, switches, files. */
export type Typed = Record<string, Json>;

export interface Read {
  values: JsonObject;
  /** By the name of the input. */
  problems: Record<string, string>;
}

export function typedOf(inputs: readonly FlowInput[], remembered: Typed): Typed {
  return Object.fromEntries(
    inputs.map((input) => [input.name, remembered[input.name] ?? shown(input.defaultValue ?? input.default)]),
  );
}

export function readInputs(inputs: readonly FlowInput[], typed: Typed): Read {
  const read: Read = { values: {}, problems: {} };
  for (const input of inputs) {
    const value = typed[input.name] ?? null;
    if (value === null || value === "") {
      if (input.required) read.problems[input.name] = words.runs.requiredInput;
      continue;
    }
    try {
      read.values[input.name] = valueOf(input, value);
    } catch {
      read.problems[input.name] = words.runs.wrongInput[kindOf(input)];
    }
  }
  return read;
}

export type InputKind = "text" | "number" | "boolean" | "json" | "file";

export function kindOf(input: FlowInput): InputKind {
  switch ((input.type ?? "string").toLowerCase()) {
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
    case "object":
      return "json";
    case "file_entry":
    case "file":
      return "file";
    default:
      return "text";
  }
}

const keyOf = (flowId: string | null): string => `studio-inputs-${flowId ?? "new"}`;

export function rememberedInputs(flowId: string | null): Typed {
  try {
    return (JSON.parse(remembered(keyOf(flowId)) ?? "{}") as Typed | null) ?? {};
  } catch {
    return {};
  }
}

export function rememberInputs(flowId: string | null, typed: Typed): void {
  remember(keyOf(flowId), JSON.stringify(typed));
}

function shown(value: Json | undefined): Json {
  if (value === undefined || value === null) return null;
  if (isFileEntry(value)) return value;
  return typeof value === "object" ? JSON.stringify(value) : typeof value === "number" ? String(value) : value;
}

function valueOf(input: FlowInput, value: Json): Json {
  const kind = kindOf(input);
  if (kind === "json" && typeof value === "string") {
    const parsed = JSON.parse(value) as Json;
    const isList = Array.isArray(parsed);
    if (typeof parsed !== "object" || parsed === null || isList !== (input.type?.toLowerCase() === "array")) throw new TypeError();
    return parsed;
  }
  if (kind !== "number") return value;
  const number = Number(value);
  if (!Number.isFinite(number) || (input.type?.toLowerCase() === "integer" && !Number.isInteger(number))) throw new TypeError();
  return number;
}
