// How two versions of a flow differ: step by step, field by field, with both values. Pure.

import type { Property } from "../api/component";
import { ownParameters } from "../flow/containers";
import { isObject, type FlowDocument, type Json, type JsonObject, type Task } from "../flow/document";
import { stepsOf } from "../flow/tree";
import { wordsOf } from "../form/words";
import { isFileEntry } from "../results/files";
import { words } from "../words";

export interface Difference {
  kind: "mine" | "theirs" | "changed";
  /** The label or the name of a step; empty for the flow itself. */
  step: string;
  /** What differs, if both have the step. */
  fields: FieldDifference[];
}

export interface FieldDifference {
  /** The labels on the way to the field: `Messages › 2 › Content`. */
  label: string;
  mine: string;
  theirs: string;
}

/** How the values of a step or of the flow are called. */
export interface Labels {
  /** The fields of a step's form. */
  fieldsOf: (task: Task) => readonly Property[];
  /** What a task says beside its parameters. */
  settings: readonly Property[];
  flow: readonly Property[];
}

export function differencesOf(mine: FlowDocument, theirs: FlowDocument, labels: Labels): Difference[] {
  const [own, other] = [byName(mine), byName(theirs)];
  const steps = [...new Set([...own.keys(), ...other.keys()])].flatMap((name): Difference[] => {
    const [a, b] = [own.get(name), other.get(name)];
    if (!b) return [{ kind: "mine", step: a?.title ?? name, fields: [] }];
    if (!a) return [{ kind: "theirs", step: b.title, fields: [] }];
    const fields = [
      ...compared(a.settings, b.settings, labels.settings),
      ...compared(a.parameters, b.parameters, labels.fieldsOf(a.task)),
      ...compared(a.others, b.others, OTHERS),
    ];
    return fields.length > 0 ? [{ kind: "changed", step: a.title, fields }] : [];
  });
  const fields = compared(whole(mine, other), whole(theirs, own), [...labels.flow, ...OTHERS]);
  return fields.length > 0 ? [{ kind: "changed", step: "", fields }, ...steps] : steps;
}

interface Parts {
  task: Task;
  title: string;
  settings: JsonObject;
  parameters: JsonObject;
  /** Where the step is, on the canvas and in the flow. */
  others: JsonObject;
}

const OTHERS: Property[] = [
  { name: "type", label: words.exchange.compared.type, type: "STRING", controlType: "TEXT" },
  { name: "inside", label: words.exchange.compared.inside, type: "STRING", controlType: "TEXT" },
  { name: "order", label: words.exchange.compared.order, type: "STRING", controlType: "TEXT" },
  { name: "metadata", label: words.exchange.compared.metadata, type: "OBJECT", controlType: "JSON" },
];

function byName(flow: FlowDocument): Map<string, Parts> {
  return new Map(
    stepsOf(flow).map(({ task, place }) => {
      const { parameters: _, type, metadata, ...settings } = task;
      const inside = place.container === undefined ? words.exchange.compared.top : `${place.container}: ${place.slot}`;
      const others: JsonObject = { type, inside, ...(metadata ? { metadata } : {}) };
      return [task.name, { task, title: task.label ?? task.name, settings: settings, parameters: ownParameters(task), others }];
    }),
  );
}

/** The flow without its steps, and the order of those at its top that the other version has too. */
function whole({ tasks, ...rest }: FlowDocument, other: ReadonlyMap<string, Parts>): JsonObject {
  const both = tasks.filter((task) => other.has(task.name));
  return { ...(rest as JsonObject), order: both.map((task) => task.label ?? task.name).join(", ") };
}

/** Go down into objects and lists, also into one that only one of both has. */
function compared(a: JsonObject, b: JsonObject, properties: readonly Property[], before = ""): FieldDifference[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
    const property = properties.find((one) => one.name === key);
    return difference(a[key], b[key], property, `${before}${property?.label || key}`);
  });
}

function difference(a: Json | undefined, b: Json | undefined, property: Property | undefined, label: string): FieldDifference[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const [objectA, objectB] = [asObject(a), asObject(b)];
  if (objectA && objectB && (isObject(a) || isObject(b))) return compared(objectA, objectB, property?.properties ?? [], `${label} › `);
  const [listA, listB] = [asList(a), asList(b)];
  if (listA && listB && (Array.isArray(a) || Array.isArray(b)))
    return Array.from({ length: Math.max(listA.length, listB.length) }, (_, index) => difference(listA[index], listB[index], property?.items, `${label} › ${index + 1}`)).flat();
  return [{ label, mine: shown(property, a), theirs: shown(property, b) }];
}

const isEmpty = (value: Json | undefined): value is undefined | null | "" => value === undefined || value === null || value === "";
const asObject = (value: Json | undefined): JsonObject | null => (isEmpty(value) ? {} : isObject(value) && !isFileEntry(value) ? value : null);
const asList = (value: Json | undefined): Json[] | null => (isEmpty(value) ? [] : Array.isArray(value) ? value : null);

function shown(property: Property | undefined, value: Json | undefined): string {
  if (isEmpty(value)) return words.exchange.compared.empty;
  return isFileEntry(value) ? value.name : wordsOf(property, value);
}
