// The pills of a text: `${ask_1.title}`. The server evaluates them; this only finds and renames them.

import { isObject } from "./document";

export interface Pill {
  start: number;
  end: number;
  /** What is between `${` and `}`. */
  expression: string;
}

const PATH = /^\s*([\p{L}_$][\p{L}\p{N}_$]*)\s*((?:\.[\p{L}_$][\p{L}\p{N}_$]*|\[(?:\d+|'(?:[^']|'')*'|"[^"]*")\])*)\s*$/u;

export function pillsOf(text: string): Pill[] {
  const found: Pill[] = [];
  for (let start = text.indexOf("${"); start >= 0; start = text.indexOf("${", start + 1)) {
    const end = endOf(text, start + 2);
    if (end < 0) break;
    found.push({ start, end: end + 1, expression: text.slice(start + 2, end) });
    start = end;
  }
  return found;
}

/** The step or input of a plain path, and the rest of it: `["ask_1", ".title"]`. */
export function pathOf(expression: string): [name: string, rest: string] | undefined {
  const found = PATH.exec(expression);
  return found ? [found[1] ?? "", found[2] ?? ""] : undefined;
}

/** The path of a field as an expression: `ask_1.items[0]['odd name']`. */
export function expressionOf(name: string, path: readonly (string | number)[]): string {
  const parts = path.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(part) ? `.${part}` : `['${part.replaceAll("'", "''")}']`;
  });
  return name + parts.join("");
}

/** Replace a name in all expressions of a value; fields and texts of the same name stay. */
export function renamedIn<T>(value: T, old: string, name: string): T {
  if (typeof value === "string") return renamedInText(value, old, name) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => renamedIn(one, old, name)) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === "expression" && typeof one === "string" && !one.includes("${")
        ? renamedInExpression(one, old, name)
        : renamedIn(one, old, name),
    ]),
  ) as T;
}

function renamedInText(text: string, old: string, name: string): string {
  if (text.startsWith("=")) return `=${renamedInExpression(text.slice(1), old, name)}`;
  let changed = "";
  let end = 0;
  for (const pill of pillsOf(text)) {
    changed += `${text.slice(end, pill.start)}\${${renamedInExpression(pill.expression, old, name)}}`;
    end = pill.end;
  }
  return changed + text.slice(end);
}

function renamedInExpression(expression: string, old: string, name: string): string {
  // Texts in quotes and fields after a dot are passed over; only a bare name is one of a step.
  return expression.replace(
    /'(?:[^']|'')*'|"[^"]*"|(?<!\.\s*|[\p{L}\p{N}_$])[\p{L}_$][\p{L}\p{N}_$]*|(?<=\bmetadata\s*\.\s*)[\p{L}_$][\p{L}\p{N}_$]*/gu,
    (found) => (found === old ? name : found),
  );
}

function endOf(text: string, from: number): number {
  let quote = "";
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote) {
      if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if (char === "{") depth += 1;
    else if (char === "}") {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}
