// The words of a flow as properties, as far as their parameters are plain fields.

import type { Property } from "../api/component";
import type { Json } from "../flow/document";
import { words } from "../words";

const field = (name: string, label: string, more: Partial<Property>): Property => ({ name, label, type: "ANY", controlType: "TEXT", ...more });

const ITEMS = field("items", words.inspector.items, { required: true, placeholder: words.inspector.itemsHint });

export const WORD_FORMS: Record<string, Property[]> = {
  each: [ITEMS],
  map: [ITEMS],
  loop: [
    { ...ITEMS, required: false },
    field("loopForever", words.inspector.forever, {
      type: "BOOLEAN",
      controlType: "SELECT",
      defaultValue: false,
      description: words.inspector.foreverHelp,
      options: [{ label: words.inspector.yes, value: true }, { label: words.inspector.no, value: false }],
    }),
  ],
  branch: [field("expression", words.inspector.branchBy, { required: true, placeholder: words.inspector.expressionHint, description: words.inspector.branchHelp })],
  var: [field("value", words.inspector.value, { controlType: "JSON", description: words.inspector.varHelp })],
};

/** A text that is a JSON list is the list; an empty list is nothing yet. */
export function itemsOf(text: Json | undefined): Json | undefined {
  if (typeof text !== "string" || !text.trim().startsWith("[")) return text;
  try {
    const found = JSON.parse(text) as Json;
    return Array.isArray(found) ? found : text;
  } catch {
    return text;
  }
}

/** The operations of a comparison, by the type of its values: as flows/formats/containers.py has them. */
export const OPERATIONS = {
  string: ["EQUALS", "NOT_EQUALS", "EQUALS_IGNORE_CASE", "CONTAINS", "NOT_CONTAINS", "STARTS_WITH", "ENDS_WITH", "EMPTY", "REGEX"],
  number: ["EQUALS", "NOT_EQUALS", "GREATER", "LESS", "GREATER_EQUALS", "LESS_EQUALS"],
  boolean: ["EQUALS", "NOT_EQUALS"],
  dateTime: ["AFTER", "BEFORE"],
} as const;

export type ComparisonType = keyof typeof OPERATIONS;
export type Operation = (typeof OPERATIONS)[ComparisonType][number];

export interface Comparison {
  [key: string]: Json | undefined;
  type: ComparisonType;
  operation: Operation;
}

export const newComparison = (): Comparison => ({ type: "string", value1: "", operation: "EQUALS", value2: "" });

export function comparisonsOf(value: Json | undefined): Comparison[][] {
  if (!Array.isArray(value)) return [];
  return value.filter(Array.isArray).map((group) => group as Comparison[]);
}

/** The comparison with another type: an operation that the type does not have becomes its first. */
export function withType(one: Comparison, type: ComparisonType): Comparison {
  const operations: readonly Operation[] = OPERATIONS[type];
  return { ...one, type, operation: operations.includes(one.operation) ? one.operation : (operations[0] ?? "EQUALS") };
}
