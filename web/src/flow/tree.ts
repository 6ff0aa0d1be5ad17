// Find, add, move and rename the steps of a flow. Everything returns a new flow; unchanged parts are shared.
//
// A step is found by its name. Where a flow has several of one name, as variables may, `ask_1#2` is the second one.

import { isContainer, slotsOf, withSlot } from "./containers";
import type { FlowDocument, Task } from "./document";
import { renamedIn } from "./expressions";

/** Where a step is, or is to be: in a list of a container, which is found like a step, or at the top without one. */
export interface Place {
  container?: string;
  slot?: string;
  index: number;
}

export interface Step {
  task: Task;
  /** What it is found by: its name, and `#2` if it is the second one of that name. */
  ref: string;
  place: Place;
  /** The containers around it, the outermost first. */
  around: string[];
}

// Flows never change, so what was found in one holds for it.
const known = new WeakMap<FlowDocument, readonly Step[]>();

/** All steps in the order of the document, containers before what they hold. */
export function stepsOf(flow: FlowDocument): readonly Step[] {
  const old = known.get(flow);
  if (old) return old;
  const found: Step[] = [];
  const counts = new Map<string, number>();
  const walk = (tasks: Task[], around: string[], container?: string, slot?: string): void => {
    tasks.forEach((task, index) => {
      const place: Place = container === undefined ? { index } : { container, slot: slot ?? "", index };
      const count = (counts.get(task.name) ?? 0) + 1;
      counts.set(task.name, count);
      const ref = refOf(task.name, count);
      found.push({ task, ref, place, around });
      for (const one of slotsOf(task)) walk(one.tasks, [...around, task.name], ref, one.key);
    });
  };
  walk(flow.tasks, []);
  known.set(flow, found);
  return found;
}

export const refOf = (name: string, count: number): string => (count === 1 ? name : `${name}#${count}`);

/** The name in what a step is found by. */
export const nameOf = (ref: string): string => ref.replace(/#\d+$/, "");

export function find(flow: FlowDocument, ref: string): Step | undefined {
  return stepsOf(flow).find((step) => step.ref === ref);
}

/** The step with all names inside it. */
export function namesIn(task: Task): string[] {
  return [task.name, ...slotsOf(task).flatMap((slot) => slot.tasks.flatMap(namesIn))];
}

export function insert(flow: FlowDocument, tasks: Task[], at: Place): FlowDocument {
  return inList(flow, at, (list) => list.toSpliced(at.index, 0, ...tasks));
}

export function replace(flow: FlowDocument, ref: string, change: (task: Task) => Task): FlowDocument {
  const target = find(flow, ref)?.task;
  return { ...flow, tasks: mapped(flow.tasks, (task) => (task === target ? change(task) : task)) };
}

export function remove(flow: FlowDocument, refs: ReadonlySet<string>): FlowDocument {
  const removed = new Set(stepsOf(flow).flatMap((step) => (refs.has(step.ref) ? [step.task] : [])));
  const kept = (tasks: Task[]): Task[] =>
    tasks
      .filter((task) => !removed.has(task))
      .map((task) => slotsOf(task).reduce((one, slot) => withSlot(one, slot.key, kept(slot.tasks)), task));
  return { ...flow, tasks: kept(flow.tasks) };
}

/** Move steps to a place; an index counts the steps that are there before the move. */
export function move(flow: FlowDocument, refs: string[], at: Place): FlowDocument {
  const moving = refs.flatMap((ref) => find(flow, ref)?.task ?? []);
  const inside = new Set(moving.flatMap(namesIn));
  if (moving.length === 0 || (at.container !== undefined && inside.has(nameOf(at.container)))) return flow;
  const before = listAt(flow, at)
    .slice(0, at.index)
    .filter((task) => moving.includes(task)).length;
  return insert(remove(flow, new Set(refs)), moving, { ...at, index: at.index - before });
}

/** Rename a step, and every expression that reads it; if another step has the name as well, they go on reading that one. */
export function rename(flow: FlowDocument, ref: string, name: string): FlowDocument {
  const renamed = replace(flow, ref, (task) => ({ ...task, name }));
  return find(renamed, nameOf(ref)) ? renamed : renamedIn(renamed, nameOf(ref), name);
}

export function listAt(flow: FlowDocument, at: Place): Task[] {
  if (at.container === undefined) return flow.tasks;
  const container = find(flow, at.container)?.task;
  return container ? (slotsOf(container).find((slot) => slot.key === at.slot)?.tasks ?? []) : [];
}

/** A name that no step or input has: `ask_1`, `ask_2` … */
export function freshName(taken: Iterable<string>, base: string): string {
  const names = new Set(taken);
  const stem = base.replace(/_\d+$/, "");
  for (let number = 1; ; number += 1) if (!names.has(`${stem}_${number}`)) return `${stem}_${number}`;
}

export function namesTaken(flow: FlowDocument): string[] {
  return [...stepsOf(flow).map((step) => step.task.name), ...(flow.inputs ?? []).map((one) => one.name)];
}

/** Give steps new names where the flow has theirs; what they read of each other follows. */
export function withFreshNames(flow: FlowDocument, tasks: Task[]): Task[] {
  const taken = new Set(namesTaken(flow));
  let pasted: FlowDocument = { tasks };
  for (const name of new Set(tasks.flatMap(namesIn))) {
    const fresh = taken.has(name) ? freshName([...taken, ...namesTaken(pasted)], name) : name;
    // Steps that share a name, such as a variable that is set twice, go on sharing it.
    while (fresh !== name && find(pasted, name)) pasted = rename(pasted, name, fresh);
    taken.add(fresh);
  }
  return pasted.tasks;
}

function inList(flow: FlowDocument, at: Place, change: (list: Task[]) => Task[]): FlowDocument {
  if (at.container === undefined) return { ...flow, tasks: change(flow.tasks) };
  return replace(flow, at.container, (task) => withSlot(task, at.slot ?? "", change(listAt(flow, at))));
}

function mapped(tasks: Task[], change: (task: Task) => Task): Task[] {
  return tasks.map((task) => {
    const changed = change(task);
    if (!isContainer(changed)) return changed;
    return slotsOf(changed).reduce((one, slot) => {
      const inner = mapped(slot.tasks, change);
      return inner.every((each, index) => each === slot.tasks[index]) ? one : withSlot(one, slot.key, inner);
    }, changed);
  });
}
