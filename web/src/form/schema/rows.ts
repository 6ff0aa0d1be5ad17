// A JSON Schema of an object as rows of fields, and back. What the rows cannot say stays in the schema.

import { isObject, type Json, type JsonObject } from "../../flow/document";

export type Kind = "text" | "number" | "whole number" | "yes or no" | "object" | "list of texts" | "list of numbers" | "list of objects" | "other";

export interface SchemaRow {
  name: string;
  kind: Kind;
  description: string;
  isRequired: boolean;
  /** Of an object, or of the objects of a list. */
  rows: SchemaRow[];
  /** The schema as it was read: its other words are kept. */
  schema: JsonObject;
}

export const KINDS: Kind[] = ["text", "number", "whole number", "yes or no", "object", "list of texts", "list of numbers", "list of objects"];

const TYPES: Partial<Record<Kind, JsonObject>> = {
  text: { type: "string" },
  number: { type: "number" },
  "whole number": { type: "integer" },
  "yes or no": { type: "boolean" },
  object: { type: "object" },
  "list of texts": { type: "array", items: { type: "string" } },
  "list of numbers": { type: "array", items: { type: "number" } },
  "list of objects": { type: "array", items: { type: "object" } },
};

export const newRow = (name: string): SchemaRow => ({ name, kind: "text", description: "", isRequired: true, rows: [], schema: {} });

/** The rows of a schema; undefined if it is no schema of an object with fields. */
export function rowsOf(schema: Json | undefined): SchemaRow[] | undefined {
  if (schema === undefined) return [];
  if (!isObject(schema) || (schema.type !== undefined && schema.type !== "object")) return undefined;
  if (schema.properties === undefined) return Object.keys(schema).every((key) => key === "type" || key === "additionalProperties" || key === "required") ? [] : undefined;
  if (!isObject(schema.properties)) return undefined;
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, one]) => rowOf(name, isObject(one) ? one : {}, required.includes(name)));
}

function rowOf(name: string, schema: JsonObject, isRequired: boolean): SchemaRow {
  const kind = kindOf(schema);
  const holder = kind === "object" ? schema : kind === "list of objects" && isObject(schema.items) ? schema.items : undefined;
  return {
    name,
    kind,
    description: typeof schema.description === "string" ? schema.description : "",
    isRequired,
    rows: (holder && rowsOf(holder)) ?? [],
    schema,
  };
}

function kindOf(schema: JsonObject): Kind {
  switch (schema.type) {
    case "string":
      return "text";
    case "number":
      return "number";
    case "integer":
      return "whole number";
    case "boolean":
      return "yes or no";
    case "object":
      return rowsOf(schema) ? "object" : "other";
    case "array": {
      const items = isObject(schema.items) ? schema.items : {};
      if (items.type === "string") return "list of texts";
      if (items.type === "number") return "list of numbers";
      return items.type === "object" && rowsOf(items) ? "list of objects" : "other";
    }
    default:
      return "other";
  }
}

/** The schema of rows; the other words of the old schema stay. */
export function schemaOf(rows: readonly SchemaRow[], old: JsonObject = {}): JsonObject {
  const { type: _, properties: __, required: ___, ...rest } = old;
  return {
    type: "object",
    ...rest,
    properties: Object.fromEntries(rows.map((row) => [row.name, fieldSchema(row)])),
    required: rows.filter((row) => row.isRequired).map((row) => row.name),
    additionalProperties: rest.additionalProperties ?? false,
  };
}

function fieldSchema(row: SchemaRow): JsonObject {
  const { description: _, ...old } = row.schema;
  const isSame = kindOf(row.schema) === row.kind;
  const base = isSame ? old : { ...TYPES[row.kind] };
  const inside = row.kind === "object" ? schemaOf(row.rows, base) : base;
  const items = row.kind === "list of objects" ? { ...base, items: schemaOf(row.rows, isObject(base.items) ? base.items : {}) } : inside;
  return row.description === "" ? items : { ...items, description: row.description };
}

export const hasRows = (row: SchemaRow): boolean => row.kind === "object" || row.kind === "list of objects";

export type Path = readonly number[];

/** Change the list of rows at a path: `[]` is the outermost one, `[1]` the rows inside the second. */
export function changed(rows: readonly SchemaRow[], at: Path, change: (rows: SchemaRow[]) => SchemaRow[]): SchemaRow[] {
  const [first, ...rest] = at;
  if (first === undefined) return change([...rows]);
  return rows.map((row, index) => (index === first ? { ...row, rows: changed(row.rows, rest, change) } : row));
}

export function freshKey(rows: readonly SchemaRow[], base: string): string {
  for (let number = rows.length + 1; ; number += 1) {
    const name = `${base}${number}`;
    if (!rows.some((row) => row.name === name)) return name;
  }
}
