// What a step reads of other steps and inputs: the names in its pills, formulas and conditions.

import { ownParameters } from "./containers";
import { isObject, type Json, type Task } from "./document";
import { pillsOf } from "./expressions";

export interface Read {
  /** The step, input or trigger. */
  name: string;
  /** The first field of it; empty if all of it is read. */
  field: string;
  /** The parameter that reads it. */
  property: string;
}

const NAME = /'(?:[^']|'')*'|"[^"]*"|(?<![\p{L}\p{N}_$.])([\p{L}_$][\p{L}\p{N}_$]*)((?:\s*\.\s*[\p{L}_$][\p{L}\p{N}_$]*(?![\p{L}\p{N}_$]|\s*\()|\[\d+\]|\['[^']*'\])*)/gu;
const FIELD = /[\p{L}_$][\p{L}\p{N}_$]*|\['([^']*)'\]/u;

/** What a step itself reads, each once, without the reads of the steps inside it. */
export function readsOf(task: Task, known: ReadonlySet<string>): Read[] {
  const parameters = ownParameters(task);
  const isRaw = parameters.rawExpression === true || task.type.startsWith("branch/");
  const found = Object.entries(parameters).flatMap(([property, value]) => {
    const expressions = textsOf(value ?? null).flatMap((text) => expressionsIn(text, isRaw && property === "expression"));
    return [...new Set(expressions)].flatMap((one) => readsIn(one, known, property));
  });
  return [...new Map(found.map((one) => [`${one.property} ${one.name} ${one.field}`, one])).values()];
}

/** The names that an expression reads, of those that are known. */
export function readsIn(expression: string, known: ReadonlySet<string>, property: string): Read[] {
  const found: Read[] = [];
  for (const [, first, rest = ""] of expression.matchAll(NAME)) {
    if (first === undefined) continue;
    if (first === "metadata" && !known.has(first)) {
      const name = FIELD.exec(rest)?.[0] ?? "";
      if (known.has(name)) found.push({ name, field: fieldOf(rest.replace(/^\s*\.\s*[^.[]+/, "")), property });
    } else if (known.has(first)) found.push({ name: first, field: fieldOf(rest), property });
  }
  return found;
}

function expressionsIn(text: string, isExpression: boolean): string[] {
  const pills = pillsOf(text);
  if (pills.length > 0 && !isExpression) return pills.map((pill) => pill.expression);
  if (isExpression) return [text.replace(/^=/, "").replace(/\$\{([^}]*)\}/g, " $1 ")];
  return text.startsWith("=") ? [text.slice(1)] : [];
}

function fieldOf(rest: string): string {
  const found = FIELD.exec(rest);
  return found?.[1] ?? found?.[0] ?? "";
}

function textsOf(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap((one) => textsOf(one ?? null)) : [];
}
