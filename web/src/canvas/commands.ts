// What a person can do on the canvas: each is one step of undo.

import { actionFor, type Component } from "../api/component";
import { useView } from "../app/view";
import { isContainer, slotsOf } from "../flow/containers";
import { pathOf } from "../flow/expressions";
import { isObject, isUnnamed, positionOf, withPosition, type FlowDocument, type JsonObject, type Point, type Task } from "../flow/document";
import { deleted, grouped, kindOfAction, kindOfInput, newTask, placeAfter, reading, tasksOfText, tidied, ungrouped, withFold, withNote, type Kind, type ValueKind } from "../flow/edits";
import type { FlowCheck } from "../flow/check";
import { useFlow } from "../flow/store";
import { reads } from "../form/pills/readable";
import { find, insert, move, nameOf, replace, stepsOf, withFreshNames, type Place } from "../flow/tree";
import { words } from "../words";
import { fieldsOf } from "./fields";
import { freeShift } from "./free";
import type { Box } from "./layout";
import { useScene } from "./scene";
import { NODE, NOTE } from "./sizes";
import { announce, fitWhenDrawn, getStage, useCanvas, zoomToFit } from "./ui";

// The definition and the last check, as the canvas knows them.
let component: Component | undefined;
let check: FlowCheck | undefined;
export const setKnown = (known: { component: Component | undefined; check: FlowCheck | undefined }): void => {
  component = known.component;
  check = known.check;
};
export const currentComponent = (): Component | undefined => component;
export const currentCheck = (): FlowCheck | undefined => check;

const say = words.canvas.edits;
const flowNow = (): FlowDocument => useFlow.getState().flow;

export const selectedSteps = (): string[] => {
  const { flow, selected } = useFlow.getState();
  return stepsOf(flow).map((step) => step.ref).filter((ref) => selected.has(ref));
};

export const titleOf = (of: Kind): string => (typeof of === "string" ? (words.canvas.flowWords[of] ?? of) : of.title);

export interface Adding {
  place?: Place | undefined;
  /** Where the mouse was when it chose the place. */
  at?: Point | undefined;
  /** The step or input that the new one reads: the selected one if it is undefined, none if it is null. */
  source?: string | null | undefined;
  isOpened?: boolean;
  /** Set in it from the start. */
  parameters?: JsonObject;
}

/** Add a step behind the selected one, or at a place; return its name. */
export function add(of: Kind, { place, at, source, isOpened, parameters }: Adding = {}): string {
  const flow = flowNow();
  const from = source === undefined ? selectedSteps().at(-1) : (source ?? undefined);
  const made = newTask(flow, of, titleOf(of), place?.container === undefined ? at : undefined);
  const fresh = { ...made, parameters: { ...made.parameters, ...parameters } };
  // The selected step may be out of reach, such as one inside of an Each that the new one is behind.
  const placed = insert(flow, [fresh], place ?? placeAfter(flow, from));
  const task = from !== undefined && reads(placed, fresh.name, from) ? filled(flow, fresh, from) : fresh;
  useFlow.getState().edit(say.add(titleOf(of)), (one) => insert(one, [task], place ?? placeAfter(one, from)));
  useFlow.getState().select([task.name]);
  if (isOpened) useView.getState().setInspector({ isInspectorOpen: true });
  announceStep(of, task.name);
  // A step that the mouse has put somewhere is in sight: the view stays.
  if (at === undefined) reveal(task.name);
  return task.name;
}

export const announceStep = (of: Kind, name: string): void => announce(words.canvas.node(titleOf(of), name, ""));

/** The step with a pill to another one, where its main field takes it. */
export function filled(flow: FlowDocument, task: Task, source: string): Task {
  const from = find(flow, source)?.task;
  const isInput = flow.inputs?.some((one) => one.name === source) ?? false;
  if ((!from && !isInput) || (from && isContainer(from))) return task;
  return reading(task, actionFor(component, task), nameOf(source), kindOf(flow, nameOf(source)));
}

/** The kind of value of an expression, such as `ask_1.title`. */
export function kindOf(flow: FlowDocument, expression: string): ValueKind {
  const name = pathOf(expression)?.[0] ?? "";
  const schema = check?.outputs[name];
  const field = fieldsOf(name, schema).find((one) => one.expression === expression);
  if (field && (expression !== name || schema?.type !== undefined)) return field.kind;
  if (expression !== name) return "other";
  const task = find(flow, name)?.task;
  const action = task && actionFor(component, task);
  const input = flow.inputs?.find((one) => one.name === name);
  return action ? kindOfAction(action) : input ? kindOfInput(input) : "other";
}

export function removeSelected(): void {
  const { flow, selected } = useFlow.getState();
  const names = selectedSteps();
  const notes = [...selected].filter((name) => name.startsWith("note:")).map((name) => name.slice(5));
  const next = stepsOf(flow).map((step) => step.ref).findLast((ref, index, all) => !names.includes(ref) && index < all.indexOf(names[0] ?? ""));
  useFlow.getState().edit(say.remove(names.length + notes.length), (one) => {
    const without = deleted(one, names, (task) => actionFor(component, task)?.main);
    return notes.reduce((rest, id) => withNote(rest, id, null), without);
  });
  useFlow.getState().select(next === undefined ? [] : [next]);
}

/** The selected steps as text, without those inside selected containers. */
export function copiedText(): string | undefined {
  const { flow, selected } = useFlow.getState();
  const tasks = stepsOf(flow).filter((step) => selected.has(step.ref) && !step.around.some((name) => selected.has(name)));
  if (tasks.length === 0) return undefined;
  return JSON.stringify({ label: flow.label, tasks: tasks.map((step) => step.task) }, null, 2);
}

/** Paste steps directly; any other text goes to the import. */
export function pasteText(text: string): void {
  if (!text.trim()) return;
  const tasks = tasksOfText(text);
  if (tasks && isBlank(flowNow())) pasteFlow(text, tasks);
  else if (tasks) pasteTasks(tasks, say.paste(tasks.length));
  else useView.getState().openDialog("import", text);
}

const isBlank = (flow: FlowDocument): boolean => flow.tasks.length === 0 && (flow.inputs ?? []).length === 0 && isUnnamed(flow, words.app.untitled);

/** A flow that is pasted onto an empty canvas is taken as it is, with its name, inputs and outputs. */
function pasteFlow(text: string, tasks: Task[]): void {
  const pasted = JSON.parse(text) as unknown;
  const other = isObject(pasted) && Array.isArray(pasted.tasks) ? (pasted as unknown as FlowDocument) : { tasks };
  useFlow.getState().edit(say.paste(tasks.length), (flow) => ({ ...flow, ...other, label: other.label || flow.label || "" }));
  useFlow.getState().select(tasks.map((task) => task.name));
  fitWhenDrawn();
}

export function duplicateSelected(): void {
  const text = copiedText();
  const tasks = text === undefined ? undefined : tasksOfText(text);
  if (tasks) pasteTasks(tasks, say.duplicate);
}

function pasteTasks(tasks: Task[], label: string): void {
  const flow = flowNow();
  const last = selectedSteps().at(-1);
  const place = placeAfter(flow, last);
  const placed = tasks.flatMap((task) => {
    const at = positionOf(task);
    const { width, height } = useScene.getState().layout.boxes[task.name] ?? { width: NODE.width, height: NODE.head };
    return at ? [{ ...at, width, height }] : [];
  });
  const by = freeShift(placed, boxesOnStage(), { x: 40, y: 40 });
  const shift = (task: Task): Task => {
    const at = positionOf(task);
    return at ? withPosition(task, place.container === undefined ? { x: at.x + by.x, y: at.y + by.y } : undefined) : task;
  };
  const fresh = withFreshNames(flow, tasks).map(shift);
  useFlow.getState().edit(label, (one) => insert(one, fresh, place));
  useFlow.getState().select(fresh.map((task) => task.name));
  const first = fresh[0];
  if (first) reveal(first.name);
}

export function groupSelected(word: string): void {
  const made = grouped(flowNow(), selectedSteps(), word, titleOf(word));
  if (!made) return;
  useFlow.getState().edit(say.group, () => made.flow);
  useFlow.getState().select([made.name]);
}

export function ungroup(name: string): void {
  const task = find(flowNow(), name)?.task;
  if (!task) return;
  useFlow.getState().edit(say.ungroup, (flow) => ungrouped(flow, name));
  useFlow.getState().select(slotsOf(task).flatMap((slot) => slot.tasks.map((one) => one.name)));
}

/** Move a step behind the container that holds it. */
export function moveOut(name: string): void {
  const step = find(flowNow(), name);
  const container = step?.place.container === undefined ? undefined : find(flowNow(), step.place.container);
  if (!container) return;
  useFlow.getState().edit(say.move, (flow) => move(flow, [name], { ...container.place, index: container.place.index + 1 }));
}

export function addNote(at?: Point): void {
  const id = crypto.randomUUID().slice(0, 8);
  const point = at ?? freeCentre();
  useFlow.getState().edit(say.note, (flow) => withNote(flow, id, { x: Math.round(point.x), y: Math.round(point.y) }));
  useFlow.getState().select([`note:${id}`]);
  useCanvas.setState({ editingNote: `note:${id}` });
  if (!at) reveal(`note:${id}`);
}

export function fold(name: string): void {
  useFlow.getState().edit(say.fold, (flow) => replace(flow, name, withFold));
}

const TIDY_MS = 300;

/** Let the layout place every step again. */
export function tidy(): void {
  useCanvas.setState({ isAnimated: true });
  useFlow.getState().edit(say.tidy, tidied);
  setTimeout(() => {
    useCanvas.setState({ isAnimated: false });
    void zoomToFit({ duration: 160 });
  }, TIDY_MS);
}

export function undo(): void {
  const label = useFlow.getState().undo();
  if (label !== undefined) useView.getState().say(words.canvas.undone(label));
}

export function redo(): void {
  const label = useFlow.getState().redo();
  if (label !== undefined) useView.getState().say(words.canvas.redone(label));
}

export const selectAll = (): void =>
  useFlow.getState().select(stepsOf(flowNow()).map((step) => step.ref));

export const containerOf = (name: string): string | undefined => find(flowNow(), name)?.place.container;

/** Scroll to a node if it is out of sight. */
export function reveal(id: string, frames = 30): void {
  requestAnimationFrame(() => {
    const stage = getStage();
    const node = stage?.getInternalNode(id);
    // A large flow is drawn some frames later.
    if (!node && frames > 0) {
      reveal(id, frames - 1);
      return;
    }
    const frame = document.querySelector(".canvas-stage")?.getBoundingClientRect();
    if (!stage || !node || !frame) return;
    const { x, y, zoom } = stage.getViewport();
    const at = node.internals.positionAbsolute;
    const [width, height] = [(node.width ?? 0) * zoom, (node.height ?? 0) * zoom];
    const [left, top] = [at.x * zoom + x, at.y * zoom + y];
    if (left >= 8 && top >= 8 && left + width <= frame.width - 8 && top + height <= frame.height - 60) return;
    void stage.setCenter(at.x + (node.width ?? 0) / 2, at.y + (node.height ?? 0) / 2, { zoom, duration: 160 });
  });
}

/** What stands outside of containers. */
function boxesOnStage(): Box[] {
  const { graph, layout } = useScene.getState();
  return graph.nodes.flatMap((node) => (node.parent === undefined ? (layout.boxes[node.id] ?? []) : []));
}

/** The first place for a note from the centre of the view down that lies on nothing. */
function freeCentre(): Point {
  const at = centre();
  const by = freeShift([{ ...at, ...NOTE }], boxesOnStage());
  return { x: at.x + by.x, y: at.y + by.y };
}

function centre(): Point {
  const frame = document.querySelector(".canvas-stage")?.getBoundingClientRect();
  const stage = getStage();
  if (!frame || !stage) return { x: 0, y: 0 };
  return stage.screenToFlowPosition({ x: frame.x + frame.width / 2 - 108, y: frame.y + frame.height / 3 });
}
