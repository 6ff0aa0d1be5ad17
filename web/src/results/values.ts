// Values of any size as one short line.

import { isObject, type Json } from "../flow/document";
import { words } from "../words";
import { isFileEntry } from "./files";

const SHORT = 200;

/** `Lumo and the Long Night`, `list of 3`, `object with 2 fields`. */
export function brief(value: Json | undefined): string {
  if (value === undefined || value === null) return "–";
  if (typeof value === "string") return value.length > SHORT ? `${value.slice(0, SHORT)}…` : value.replace(/\s+/g, " ");
  if (Array.isArray(value)) return words.results.listOf(value.length);
  if (isFileEntry(value)) return value.name;
  if (isObject(value)) return words.results.objectOf(Object.keys(value).length);
  return String(value);
}

/** The rows of an object, or of a list by its indexes. */
export const entriesOf = (value: Json): [string, Json | undefined][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];
