// What the server says of a value, as a sentence with a way out where one is clear.

import type { Option, Property } from "../api/component";
import type { Json } from "../flow/document";
import { words } from "../words";

export interface Problem {
  path: string;
  message: string;
}

export interface Fix {
  label: string;
  /** Undefined takes the value out. */
  value: Json | undefined;
  /** The other name to which the value moves. */
  to?: string;
}

export interface Shown {
  text: string;
  fix?: Fix;
}

export function shown(problem: Problem, property: Property | undefined, max?: number): Shown {
  const { message } = problem;
  const low = property?.minValue;
  const high = max ?? property?.maxValue;
  const over = / is more than (-?[\d.]+)$/.exec(message);
  const under = / is less than (-?[\d.]+)$/.exec(message);
  if (over) return { text: words.form.range(low, Number(over[1])), fix: set(Number(over[1])) };
  if (under) return { text: words.form.range(Number(under[1]), high), fix: set(Number(under[1])) };
  if (/^is missing \(/.test(message) || message === "is missing") return { text: words.form.missing };
  const other = /did you mean '([^']+)'/.exec(message)?.[1];
  if (message.startsWith("does not exist"))
    return {
      text: words.form.unknown(message),
      fix: other === undefined ? { label: words.form.remove, value: undefined } : { label: words.form.renameTo(other), value: undefined, to: other },
    };
  if (other !== undefined) return { text: sentence(message), fix: { label: words.form.setTo(other), value: other } };
  return { text: sentence(message) };
}

const set = (value: number): Fix => ({ label: words.form.setTo(String(value)), value });

/** The text with a capital and a full stop; an id at its start, such as `sandbox/echo`, stays as it is. */
export function sentence(text: string): string {
  const isId = /[/\d_]|[a-z][A-Z]/.test(text.split(" ", 1)[0] ?? "");
  const first = isId ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

/** The problem of a field, or the first one inside a field that shows no fields of its own. */
export function problemAt(problems: readonly Problem[], path: string): Problem | undefined {
  return problems.find((one) => one.path === path);
}

/** The options of a field, as far as the model supports them. */
export function offered(property: Property, supported: readonly Json[] | undefined): Option[] {
  const all = property.options ?? [];
  return supported ? all.filter((one) => supported.includes(one.value)) : all;
}
