// The fields of a result, as its JSON Schema describes them.

import { isObject, type JsonObject } from "../flow/document";
import { kindOfSchema, type ValueKind } from "../flow/edits";
import { expressionOf } from "../flow/expressions";

export interface Field {
  /** `ask_1.scenes[0].title` */
  expression: string;
  /** `scenes[0].title`; empty for the whole result. */
  path: string;
  kind: ValueKind;
  depth: number;
}

const DEEP = 3;
const MANY = 60;

export function fieldsOf(name: string, schema: JsonObject | undefined): Field[] {
  const found: Field[] = [];
  const walk = (one: JsonObject | undefined, path: (string | number)[]): void => {
    if (found.length >= MANY) return;
    const expression = expressionOf(name, path);
    const kind = kindOfSchema(one);
    found.push({ expression, path: expression.slice(name.length).replace(/^\./, ""), kind, depth: path.length });
    if (path.length >= DEEP || kind === "file") return;
    for (const [key, inner] of Object.entries(isObject(one?.properties) ? one.properties : {})) {
      if (isObject(inner)) walk(inner, [...path, key]);
    }
  };
  walk(schema, []);
  return found;
}
