// A step that is put onto an edge: it reads what the edge carries, and the reader reads the step instead.

import type { Action, Property } from "../api/component";
import { wordOf } from "./containers";
import { isObject, type FlowDocument, type Json, type Task } from "./document";
import { kindOfAction, reading, withOutput, withPill, type ValueKind } from "./edits";
import { pathOf, pillsOf } from "./expressions";
import { find, insert, replace, type Place } from "./tree";

/** What an edge carries: a name that a step, or an output of the flow, reads in one of its parameters. */
export interface Carried {
  /** A step, or `output:` with the name of an output. */
  reader: string;
  name: string;
  property: string;
}

export interface Known {
  actionOf: (task: Task) => Action | undefined;
  /** The kind of value of an expression such as `ask_1.title`. */
  kindOf: (expression: string) => ValueKind;
}

/** Insert a step at a place; what the carried pills read passes through it wherever the kinds of values fit. */
export function insertedBetween(flow: FlowDocument, task: Task, place: Place, carried: readonly Carried[], known: Known): FlowDocument {
  const first = carried[0];
  if (!first) return insert(flow, [task], place);
  const expression = carried.flatMap((one) => expressionsOf(flow, one))[0] ?? first.name;
  const action = known.actionOf(task);
  const reader = reading(task, action, expression, known.kindOf(expression));
  const inserted = insert(flow, [reader], place);
  const kind = action ? kindOfAction(action) : wordOf(task) === "var" ? known.kindOf(expression) : undefined;
  if (reader === task || kind === undefined) return inserted;
  return carried.reduce((one, of) => passedThrough(one, of, expression, task.name, kind, known), inserted);
}

/** The plain paths in the pills of a parameter that read the name. */
function expressionsOf(flow: FlowDocument, { reader, name, property }: Carried): string[] {
  return textsOf(valueOf(flow, reader, property) ?? null)
    .flatMap((text) => pillsOf(text).map((pill) => pill.expression))
    .filter((expression) => pathOf(expression)?.[0] === name);
}

function passedThrough(flow: FlowDocument, { reader, property }: Carried, expression: string, name: string, kind: ValueKind, known: Known): FlowDocument {
  const change = (value: Json): Json => replacedIn(value, `\${${expression}}`, `\${${name}}`);
  if (reader.startsWith("output:")) {
    return withOutput(flow, reader, change(valueOf(flow, reader, property) ?? null));
  }
  const task = find(flow, reader)?.task;
  const action = task && known.actionOf(task);
  const own = action?.properties.find((one) => one.name === property);
  if (action && !(own && fits(own, kind))) return flow;
  return replace(flow, reader, (one) => ({ ...one, parameters: { ...one.parameters, [property]: change(one.parameters?.[property] ?? null) } }));
}

const fits = (property: Property, kind: ValueKind): boolean => withPill(property, undefined, "${x}", kind) !== undefined;

const valueOf = (flow: FlowDocument, reader: string, property: string): Json | undefined =>
  reader.startsWith("output:") ? flow.outputs?.find((one) => `output:${one.name}` === reader)?.value : find(flow, reader)?.task.parameters?.[property];

function textsOf(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap((one) => textsOf(one ?? null)) : [];
}

function replacedIn(value: Json, old: string, pill: string): Json {
  if (typeof value === "string") return value.replaceAll(old, pill);
  if (Array.isArray(value)) return value.map((one) => replacedIn(one, old, pill));
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replacedIn(one ?? null, old, pill)])) : value;
}
