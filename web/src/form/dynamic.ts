// Values that are known only when the flow runs. The form checks a stand-in for each of them, and what it
// says about a stand-in is not shown.

import type { Property } from "../api/component";
import { isObject, type Json, type JsonObject } from "../flow/document";
import { pillsOf } from "../flow/expressions";
import { inner, isInside } from "./paths";

/** Whether a value is a text with an expression: `${ask_1}`, `Dear ${name}`, `=count + 1`. */
export function isDynamic(value: Json | undefined): value is string {
  return typeof value === "string" && (isFormula(value) || pillsOf(value).length > 0);
}

/** A formula begins with `=`; a lone sign, or a text such as `== Title ==`, is none. */
export const isFormula = (value: string): boolean => /^=\s*[^=\s]/.test(value);

export interface Known {
  values: JsonObject;
  /** The places that expressions fill. */
  dynamic: string[];
}

/** Replace each expression by a value that its field accepts. */
export function withStandIns(properties: readonly Property[], values: JsonObject): Known {
  const dynamic: string[] = [];
  const filled = (property: Property | undefined, value: Json | undefined, path: string): Json | undefined => {
    if (isDynamic(value)) {
      dynamic.push(path);
      return standIn(property, value);
    }
    if (Array.isArray(value))
      return value.flatMap((one, index) => {
        const item = filled(property?.items, one, inner(path, index));
        return item === undefined ? [] : [item];
      });
    if (!isObject(value)) return value;
    return object(property?.properties ?? [], value, path, property?.additionalProperties);
  };
  const object = (known: readonly Property[], value: JsonObject, path: string, more?: Property): JsonObject =>
    Object.fromEntries(
      Object.entries(value).flatMap(([key, one]) => {
        const found = filled(known.find((each) => each.name === key) ?? more, one, inner(path, key));
        return found === undefined ? [] : [[key, found]];
      }),
    );
  return { values: object(properties, values, ""), dynamic };
}

/** Whether a problem holds whatever the expressions return. */
export function isCertain(path: string, dynamic: readonly string[]): boolean {
  return !dynamic.some((place) => path === place || isInside(path, place) || isInside(place, path));
}

function standIn(property: Property | undefined, text: string): Json | undefined {
  const first = property?.options?.[0];
  if (first) return property.type === "ARRAY" ? [first.value] : first.value;
  switch (property?.type) {
    case "NUMBER":
    case "INTEGER":
      return property.minValue ?? Math.min(1, property.maxValue ?? 1);
    case "BOOLEAN":
      return false;
    case "ARRAY":
      return [];
    case "OBJECT":
      return {};
    case "FILE_ENTRY":
      return undefined;
    default:
      return text;
  }
}
