// Places in the parameters of a step: `messages[0].role`, `logitBias['odd key']`.

import type { Property } from "../api/component";
import { isObject, type Json, type JsonObject } from "../flow/document";

export type Key = string | number;

const PART = /\[(?:'((?:[^']|'')*)'|"([^"]*)"|(\d+))\]|([^.[\]]+)/g;

export function keysOf(path: string): Key[] {
  return [...path.matchAll(PART)].map((found) => {
    if (found[3] !== undefined) return Number(found[3]);
    return found[1]?.replaceAll("''", "'") ?? found[2] ?? found[4] ?? "";
  });
}

export function pathOfKeys(keys: readonly Key[]): string {
  return keys.reduce<string>((path, key) => inner(path, key), "");
}

/** The path of a key or an index inside a path. */
export function inner(path: string, key: Key): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (/[.[\]]/.test(key) || key === "") return `${path}['${key.replaceAll("'", "''")}']`;
  return path ? `${path}.${key}` : key;
}

export function valueAt(values: Json | undefined, path: string): Json | undefined {
  let value: Json | undefined = values;
  for (const key of keysOf(path)) {
    if (typeof key === "number") value = Array.isArray(value) ? value[key] : undefined;
    else value = isObject(value) ? value[key] : undefined;
  }
  return value;
}

/** Return the values with one replaced; undefined takes a key out, and an item out of its list. */
export function withValue(values: JsonObject, path: string, value: Json | undefined): JsonObject {
  return changed(values, keysOf(path), value) as JsonObject;
}

function changed(at: Json | undefined, keys: readonly Key[], value: Json | undefined): Json | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (typeof key === "number") {
    const list = Array.isArray(at) ? at : [];
    const one = changed(list[key], rest, value);
    return one === undefined ? list.filter((_, index) => index !== key) : list.toSpliced(key, 1, one);
  }
  const { [key]: old, ...others } = isObject(at) ? at : {};
  const one = changed(old, rest, value);
  if (one === undefined) return others;
  // A key that is there keeps its place.
  return isObject(at) ? { ...at, [key]: one } : { [key]: one };
}

/** The label of the field at a path, as the form shows it; the last key of the path where no property is known. */
export function labelAt(properties: readonly Property[], path: string): string {
  let found: Property | undefined;
  let label = "";
  for (const key of keysOf(path)) {
    if (typeof key === "number") found = found?.items;
    else found = (found ? found.properties : properties)?.find((one) => one.name === key);
    label = found?.label || (typeof key === "string" ? key : label);
  }
  return label;
}

/** The group of undo of a change at a path: what is typed into one field is one, an item added or taken away has none. */
export function undoGroup(values: JsonObject, path: string, value: Json | undefined, prefix: string): string | undefined {
  return entriesOf(valueAt(values, path)) === entriesOf(value) ? `${prefix}${path}` : undefined;
}

/** How many lists, objects and entries of them a value holds, also as JSON in a text, such as a schema: none for any other text. */
function entriesOf(value: Json | undefined): number {
  if (typeof value === "string" && /^\s*[{[]/.test(value)) {
    try {
      return entriesOf(JSON.parse(value) as Json);
    } catch {
      return 0;
    }
  }
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, one) => sum + 1 + entriesOf(one), 1);
}

export function isInside(path: string, outer: string): boolean {
  return path.startsWith(outer) && (path.charAt(outer.length) === "." || path.charAt(outer.length) === "[");
}
