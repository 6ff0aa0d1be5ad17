// The flow as JSON: the only state of the canvas. Keys that the Studio does not know stay as they are.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

export interface Task extends JsonObject {
  name: string;
  /** `component/version/action`, or the word of a container such as `each/v1`. */
  type: string;
  label?: string;
  parameters?: JsonObject;
  metadata?: JsonObject;
}

export interface FlowInput extends JsonObject {
  name: string;
  label?: string;
  /** `string number integer boolean array object file_entry`. */
  type?: string;
  required?: boolean;
}

export interface FlowOutput extends JsonObject {
  name: string;
  value: Json;
}

export interface Note {
  id: string;
  text: string;
  x: number;
  y: number;
}

export interface FlowDocument {
  label?: string;
  description?: string;
  inputs?: FlowInput[];
  outputs?: FlowOutput[];
  triggers?: JsonObject[];
  tasks: Task[];
  metadata?: JsonObject;
  [key: string]: unknown;
}

export interface Point {
  x: number;
  y: number;
}

/** Whether a flow has no name of its own yet: none at all, or the one that a new flow begins with. */
export const isUnnamed = (flow: FlowDocument, untitled: string): boolean => !flow.label || new RegExp(`^${untitled}( \\d+)?$`).test(flow.label);

/** The first of `Untitled Flow`, `Untitled Flow 2` … that no other flow has. */
export function freshLabel(untitled: string, taken: Iterable<string>): string {
  const labels = new Set(taken);
  for (let number = 1; ; number += 1) {
    const label = number === 1 ? untitled : `${untitled} ${number}`;
    if (!labels.has(label)) return label;
  }
}

export const emptyFlow = (label: string): FlowDocument => ({
  label,
  inputs: [],
  triggers: [],
  tasks: [],
  outputs: [],
});

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The place of a node on the canvas, if a person moved it: `metadata.ui.nodePosition`. */
export function positionOf(task: Task): Point | undefined {
  const ui = isObject(task.metadata) ? task.metadata.ui : undefined;
  const at = isObject(ui) ? ui.nodePosition : undefined;
  return isObject(at) && typeof at.x === "number" && typeof at.y === "number"
    ? { x: at.x, y: at.y }
    : undefined;
}

export function withPosition(task: Task, at: Point | undefined): Task {
  const metadata = isObject(task.metadata) ? task.metadata : {};
  const { nodePosition: _, ...ui } = isObject(metadata.ui) ? metadata.ui : {};
  return { ...task, metadata: { ...metadata, ui: at ? { ...ui, nodePosition: { ...at } } : ui } };
}

export function notesOf(flow: FlowDocument): Note[] {
  const ui = isObject(flow.metadata) ? flow.metadata.ui : undefined;
  const notes = isObject(ui) ? ui.notes : undefined;
  return Array.isArray(notes) ? (notes.filter(isObject) as unknown as Note[]) : [];
}

export function withNotes(flow: FlowDocument, notes: Note[]): FlowDocument {
  const metadata = isObject(flow.metadata) ? flow.metadata : {};
  const ui = isObject(metadata.ui) ? metadata.ui : {};
  return { ...flow, metadata: { ...metadata, ui: { ...ui, notes: notes as unknown as Json } } };
}
