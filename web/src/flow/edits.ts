// Larger changes of a flow, as pure functions: new steps, pills between steps, groups, deletion that joins.

import type { Action, Property } from "../api/component";
import { newParameters, ownParameters, slotsOf, wordOf } from "./containers";
import { isObject, withNotes, withPosition, type FlowDocument, type FlowInput, type Json, type JsonObject, type Point, type Task } from "./document";
import { pillsOf } from "./expressions";
import { readsOf } from "./reads";
import { find, freshName, insert, listAt, move, namesIn, namesTaken, remove, replace, stepsOf, type Place } from "./tree";

/** What can be added: an action of the component, or a word of the flow. */
export type Kind = Action | string;

/** A new step with a name that the flow does not have. */
export function newTask(flow: FlowDocument, of: Kind, label: string, at?: Point): Task {
  const word = typeof of === "string" ? of : of.name;
  const name = freshName(namesTaken(flow), `${word.replaceAll("-", "_")}_1`);
  const type = typeof of === "string" ? (of === "var" ? "var/v1/set" : `${of}/v1`) : of.type;
  const parameters = typeof of === "string" ? newParameters(of) : structuredClone(of.defaults);
  const task: Task = { label, name, type, parameters };
  return at ? withPosition(task, at) : task;
}

/** Behind a step in its list; at the end of the flow without one. */
export function placeAfter(flow: FlowDocument, name: string | undefined): Place {
  const step = name === undefined ? undefined : find(flow, name);
  return step ? { ...step.place, index: step.place.index + 1 } : { index: flow.tasks.length };
}

export type ValueKind = "text" | "file" | "list" | "object" | "other";

export function kindOfAction(action: Action): ValueKind {
  const type = action.output?.type;
  if (type === "FILE_ENTRY") return "file";
  if (type === "STRING") return "text";
  return type === "ARRAY" ? "list" : type === "OBJECT" ? "object" : "other";
}

export function kindOfInput({ type }: FlowInput): ValueKind {
  const kinds: Record<string, ValueKind> = { string: "text", file_entry: "file", array: "list", object: "object" };
  return kinds[type ?? "string"] ?? "other";
}

/** The kind of value that a JSON Schema describes. */
export function kindOfSchema(schema: JsonObject | undefined): ValueKind {
  const type = schema?.type;
  if (type === "string") return "text";
  if (type === "array") return "list";
  const properties = isObject(schema?.properties) ? schema.properties : {};
  if ("mimeType" in properties && "url" in properties) return "file";
  return type === "object" ? "object" : "other";
}

/** The value of a parameter with a pill in it; undefined if a value of the kind does not fit there. */
export function withPill(property: Property, old: Json | undefined, pill: string, kind: ValueKind): Json | undefined {
  switch (property.type) {
    case "STRING":
      if (property.controlType === "SELECT" || (kind !== "text" && kind !== "other" && kind !== "object")) return undefined;
      return typeof old === "string" && old.trim() ? `${old.trimEnd()} ${pill}` : pill;
    case "ANY":
      return old === undefined || old === null || old === "" ? pill : undefined;
    case "FILE_ENTRY":
      return kind === "file" || kind === "other" ? pill : undefined;
    case "ARRAY": {
      if (kind === "list" && (!Array.isArray(old) || old.length === 0)) return pill;
      if (!property.items || property.controlType === "MULTI_SELECT") return undefined;
      const item = withPill(property.items, undefined, pill, kind);
      return item === undefined ? undefined : [...(Array.isArray(old) ? old : []), item];
    }
    case "OBJECT":
      for (const inner of property.properties ?? []) {
        const value = withPill(inner, isObject(old) ? old[inner.name] : undefined, pill, kind);
        if (value !== undefined) return { ...(isObject(old) ? old : {}), [inner.name]: value };
      }
      return undefined;
    default:
      return undefined;
  }
}

const text = (name: string): Property => ({ name, label: name, type: "ANY", controlType: "TEXT" });

/** The parameters that may take a pill, the main one first. */
export function targetsOf(task: Task, action: Action | undefined): Property[] {
  if (!action) {
    const names: Record<string, string> = { each: "items", map: "items", loop: "items", condition: "expression", branch: "expression", var: "value" };
    const name = names[wordOf(task)];
    return name === undefined ? [] : [text(name)];
  }
  const fit = action.properties.filter((one) => ["text", "file", "list"].some((kind) => withPill(one, undefined, "${x}", kind as ValueKind) !== undefined));
  return fit.sort((a, b) => Number(b.name === action.main) - Number(a.name === action.main));
}

/** The step with a pill in the field that takes it by itself: the main one, for a file also another one. */
export function reading(task: Task, action: Action | undefined, expression: string, kind: ValueKind): Task {
  const targets = targetsOf(task, action);
  const [main] = action ? targets.filter((one) => one.name === action.main) : targets;
  const forFiles = kind === "file" ? targets.toSorted((a, b) => Number(b.required ?? false) - Number(a.required ?? false)) : [];
  for (const target of [...(main ? [main] : []), ...forFiles.filter((one) => isShownAtFirst(task, one))]) {
    const joined = connected(task, target, expression, kind);
    if (joined !== task) return joined;
  }
  return task;
}

/** Whether a condition such as `format == 'SIMPLE'` shows a field of a new step; other conditions count as true. */
function isShownAtFirst(task: Task, property: Property): boolean {
  const [, name, value] = /^(\w+) == '([^']*)'$/.exec(property.displayCondition ?? "") ?? [];
  return name === undefined || task.parameters?.[name] === value;
}

/** Whether a parameter of a step reads an expression as a whole: a pill of it, or an operand of a condition. */
export function isConnected(task: Task, property: Property, expression: string): boolean {
  const value = task.parameters?.[property.name];
  if (isCondition(task, property) && typeof value === "string") return value.split("==").some((one) => one.trim() === expression);
  return JSON.stringify(value ?? null).includes(JSON.stringify(`\${${expression}}`).slice(1, -1));
}

const isCondition = (task: Task, property: Property): boolean => wordOf(task) === "condition" && property.name === "expression";

/** Put a pill into a parameter of a step; the same step if it does not fit, or is there already. */
export function connected(task: Task, property: Property, expression: string, kind: ValueKind): Task {
  if (isConnected(task, property, expression)) return task;
  const old = task.parameters?.[property.name];
  const isExpression = isCondition(task, property);
  const empty = property.type === "ANY" && (!Array.isArray(old) || old.length === 0);
  const value = isExpression
    ? [typeof old === "string" ? old.trim() : "", expression].filter(Boolean).join(" == ")
    : withPill(property, empty ? undefined : old, `\${${expression}}`, kind);
  return value === undefined ? task : { ...task, parameters: { ...task.parameters, [property.name]: value } };
}

/** Let a step read another one, and stand behind it. */
export function connect(flow: FlowDocument, source: string, reader: string, property: Property, expression: string, kind: ValueKind): FlowDocument {
  const joined = replace(flow, reader, (task) => connected(task, property, expression, kind));
  const [from, to] = [find(joined, source), find(joined, reader)];
  if (!from || !to || from.place.container !== to.place.container || from.place.slot !== to.place.slot) return joined;
  return from.place.index < to.place.index ? joined : move(joined, [reader], { ...from.place, index: from.place.index + 1 });
}

/** Move a step by one place in its list, or into the list beside it. */
export function shifted(flow: FlowDocument, name: string, direction: "up" | "down" | "left" | "right"): FlowDocument {
  const step = find(flow, name);
  if (!step) return flow;
  const { place } = step;
  const list = listAt(flow, place);
  if (direction === "up") return place.index === 0 ? flow : move(flow, [name], { ...place, index: place.index - 1 });
  if (direction === "down") return place.index === list.length - 1 ? flow : move(flow, [name], { ...place, index: place.index + 2 });
  const container = find(flow, place.container ?? "")?.task;
  const slots = container ? slotsOf(container) : [];
  const beside = slots[slots.findIndex((slot) => slot.key === place.slot) + (direction === "left" ? -1 : 1)];
  return beside ? move(flow, [name], { ...place, slot: beside.key, index: Math.min(place.index, beside.tasks.length) }) : flow;
}

/** Take the pills of a name out of a step: a text that was a pill alone is taken out whole. */
export function disconnected(flow: FlowDocument, reader: string, name: string): FlowDocument {
  return replace(flow, reader, (task) => {
    const own = ownParameters(task);
    const changed = Object.fromEntries(
      Object.entries(own).map(([key, value]) => [key, withoutPills(value ?? null, name, key === "expression")]),
    );
    return { ...task, parameters: { ...task.parameters, ...changed } };
  });
}

/** Empty the value of an output of the flow, named `output:result`. */
export const outputDisconnected = (flow: FlowDocument, id: string): FlowDocument => withOutput(flow, id, "");

/** The flow with another value of an output, named `output:result`. */
export const withOutput = (flow: FlowDocument, id: string, value: Json): FlowDocument => ({
  ...flow,
  outputs: (flow.outputs ?? []).map((one) => (`output:${one.name}` === id ? { ...one, value } : one)),
});

/** Remove steps. What only passed a value on is passed over: its readers read what it read. */
export function deleted(flow: FlowDocument, names: readonly string[], mainOf: (task: Task) => string | undefined): FlowDocument {
  let result = flow;
  // From the last one: the numbers of steps that share a name stay what they were.
  for (const ref of names.toReversed()) {
    const task = find(result, ref)?.task;
    const main = task && mainOf(task);
    const value = main === undefined ? undefined : task?.parameters?.[main];
    const pills = typeof value === "string" ? pillsOf(value) : [];
    const passed = pills.length === 1 ? pills[0]?.expression : undefined;
    if (passed !== undefined && task) result = replacedPills(result, task.name, passed);
    result = remove(result, new Set([ref]));
  }
  return result;
}

/** Put steps of one list into a new container, at the place of the first of them. */
export function grouped(flow: FlowDocument, names: readonly string[], word: string, label: string): { flow: FlowDocument; name: string } | undefined {
  const steps = stepsOf(flow).filter((step) => names.includes(step.ref));
  const first = steps[0];
  if (!first || steps.some((step) => step.place.container !== first.place.container || step.place.slot !== first.place.slot)) return undefined;
  const container = newTask(flow, word, label);
  const slot = slotsOf(container)[0];
  if (!slot) return undefined;
  const added = insert(flow, [container], first.place);
  const moved = move(added, steps.map((step) => step.ref), { container: container.name, slot: slot.key, index: 0 });
  return { flow: moved, name: container.name };
}

/** Take a container away and leave its steps in its place. */
export function ungrouped(flow: FlowDocument, name: string): FlowDocument {
  const step = find(flow, name);
  if (!step) return flow;
  const inner = slotsOf(step.task).flatMap((slot) => slot.tasks);
  return insert(remove(flow, new Set([name])), inner, step.place);
}

/** The flow without any place that a person chose. */
export function tidied(flow: FlowDocument): FlowDocument {
  return stepsOf(flow).reduce(
    (one, step) => (step.task.metadata?.ui ? replace(one, step.ref, (task) => withPosition(task, undefined)) : one),
    flow,
  );
}

/** Where a step belongs in its list when it stands at a height: behind what it reads, before what reads it. */
export function indexAt(flow: FlowDocument, name: string, above: ReadonlySet<string>): Place | undefined {
  const step = find(flow, name);
  if (!step) return undefined;
  const list = listAt(flow, step.place).filter((task) => task !== step.task);
  const known = new Set(namesTaken(flow));
  const own = new Set(namesIn(step.task));
  const reads = new Set(tasksIn(step.task).flatMap((task) => readsOf(task, known).map((read) => read.name)));
  const lowest = list.reduce((index, task, at) => (namesIn(task).some((one) => reads.has(one)) ? at + 1 : index), 0);
  const reader = list.findIndex((task) => tasksIn(task).some((one) => readsOf(one, own).length > 0));
  const wanted = list.reduce((index, task, at) => (above.has(task.name) ? at + 1 : index), 0);
  const index = Math.min(Math.max(wanted, lowest), reader < 0 ? list.length : Math.max(reader, lowest));
  // `move` counts places with the step still in its list.
  return { ...step.place, index: index > step.place.index ? index + 1 : index };
}

export function withNote(flow: FlowDocument, id: string, change: { text?: string; x?: number; y?: number } | null): FlowDocument {
  const ui = isObject(flow.metadata?.ui) ? flow.metadata.ui : {};
  const notes = (Array.isArray(ui.notes) ? ui.notes : []) as unknown as { id: string; text: string; x: number; y: number }[];
  if (change === null) return withNotes(flow, notes.filter((note) => note.id !== id));
  const found = notes.find((note) => note.id === id) ?? { id, text: "", x: 0, y: 0 };
  const changed = { ...found, ...change };
  return withNotes(flow, notes.includes(found) ? notes.map((note) => (note === found ? changed : note)) : [...notes, changed]);
}

export function withFold(task: Task): Task {
  const metadata = isObject(task.metadata) ? task.metadata : {};
  const { folded, ...ui } = isObject(metadata.ui) ? metadata.ui : {};
  return { ...task, metadata: { ...metadata, ui: folded === true ? ui : { ...ui, folded: true } } };
}

/** The steps of a text that holds a flow or a list of steps as JSON; undefined for anything else. */
export function tasksOfText(source: string): Task[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return undefined;
  }
  const tasks: unknown = isObject(value) && Array.isArray(value.tasks) ? value.tasks : value;
  const list = Array.isArray(tasks) ? (tasks as unknown[]) : [tasks];
  return list.length > 0 && list.every(isTask) ? list : undefined;
}

const isTask = (value: unknown): value is Task =>
  isObject(value) && typeof value.name === "string" && typeof value.type === "string" && /^[\w-]+\/v\d+/.test(value.type);

const tasksIn = (task: Task): Task[] => [task, ...slotsOf(task).flatMap((slot) => slot.tasks.flatMap(tasksIn))];

function withoutPills(value: Json, name: string, isExpression: boolean): Json | undefined {
  if (typeof value === "string") {
    const mentions = (expression: string): boolean => readsIn(expression, name);
    if (isExpression && pillsOf(value).length === 0) return mentions(value) ? "" : value;
    if (value.startsWith("=")) return mentions(value) ? "" : value;
    let kept = value;
    for (const pill of pillsOf(value).reverse()) {
      if (mentions(pill.expression)) kept = kept.slice(0, pill.start) + kept.slice(pill.end);
    }
    return kept === value ? value : kept.trim();
  }
  if (Array.isArray(value)) {
    return value.flatMap((one) => {
      const changed = withoutPills(one, name, false);
      return changed === "" && one !== "" ? [] : [changed ?? null];
    });
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutPills(one ?? null, name, false)]));
}

function readsIn(expression: string, name: string): boolean {
  return readsOf({ name: "", type: "x", parameters: { x: `\${${expression.replace(/^=/, "")}}` } }, new Set([name])).length > 0;
}

function replacedPills(flow: FlowDocument, name: string, expression: string): FlowDocument {
  const change = (value: unknown): unknown => {
    if (typeof value === "string") return value.replaceAll(`\${${name}}`, `\${${expression}}`);
    if (Array.isArray(value)) return value.map(change);
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, change(one)])) : value;
  };
  return change(flow) as FlowDocument;
}
