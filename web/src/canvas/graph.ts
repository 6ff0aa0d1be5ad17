// The flow as nodes and edges. Edges follow the data; where a step reads nothing, a faint one shows the order.

import { actionFor, type Action, type Component } from "../api/component";
import type { Carried } from "../flow/between";
import { isContainer, REPEATING, slotsOf, wordOf } from "../flow/containers";
import { isObject, notesOf, type FlowDocument, type FlowInput, type FlowOutput, type JsonObject, type Note, type Task } from "../flow/document";
import { readsOf } from "../flow/reads";
import { nameOf, refOf } from "../flow/tree";
import type { Around } from "../runs/place";
import { heightOf, INPUT_HEIGHT, NODE, NOTE, previewOf, type Preview } from "./sizes";

export interface Column {
  key: string;
  label: string;
}

export interface GraphNode {
  id: string;
  kind: "step" | "condition" | "pane" | "start" | "end" | "note";
  width: number;
  height: number;
  /** The id of the pane around it. `column` is the list of that pane. */
  parent?: string;
  column: string;
  /** The containers around it, the outermost first. */
  around: Around[];
  task?: Task;
  action?: Action | undefined;
  preview: Preview;
  input?: FlowInput;
  output?: FlowOutput;
  note?: Note;
  /** The lists of a pane, from left to right. */
  columns: Column[];
  /** What must choose its list for the step to run: pairs of a container and a list. */
  within: [container: string, slot: string][];
  /** Ids of the nodes that it reads. */
  reads: string[];
}

export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  sourceHandle: string;
  kind: "data" | "case" | "order";
  label: string;
  /** What it carries: who reads it, and in which parameter. */
  pairs: Carried[];
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export const isPane = (task: Task): boolean => isContainer(task) && wordOf(task) !== "condition";

export const inputId = (name: string): string => `input:${name}`;
export const outputId = (name: string): string => `output:${name}`;
export const noteId = (note: Note): string => `note:${note.id}`;

export function buildGraph(flow: FlowDocument, component: Component | undefined): Graph {
  const builder = new Builder(component);
  for (const input of startsOf(flow)) builder.addInput(input);
  builder.addList(flow.tasks, { column: "", around: [], within: [] });
  for (const output of flow.outputs ?? []) builder.addOutput(output);
  builder.connect();
  builder.addEnds(builder.addOrder(flow.tasks, undefined));
  for (const note of notesOf(flow)) builder.addNote(note);
  return { nodes: builder.nodes, edges: [...builder.edges.values()] };
}

/** A port that the next step of a list hangs on. */
interface Tail {
  id: string;
  handle: string;
  label: string;
}

interface Surroundings {
  parent?: string;
  column: string;
  around: Around[];
  within: [string, string][];
}

class Builder {
  readonly nodes: GraphNode[] = [];
  readonly edges = new Map<string, GraphEdge>();
  private readonly byId = new Map<string, GraphNode>();
  private readonly ids = new Map<Task, string>();
  private readonly named = new Map<string, string[]>();
  private readonly counts = new Map<string, number>();

  constructor(private readonly component: Component | undefined) {}

  addInput(input: FlowInput): void {
    this.add({ ...blank, id: inputId(input.name), kind: "start", height: INPUT_HEIGHT, input }, input.name);
  }

  addOutput(output: FlowOutput): void {
    const taken = this.nodes.filter((node) => node.output?.name === output.name).length;
    const id = outputId(output.name) + (taken === 0 ? "" : `#${taken + 1}`);
    this.add({ ...blank, id, kind: "end", height: INPUT_HEIGHT, output }, "");
  }

  addNote(note: Note): void {
    this.add({ ...blank, id: noteId(note), kind: "note", ...NOTE, note }, "");
  }

  addList(tasks: Task[], where: Surroundings): void {
    for (const task of tasks) this.addTask(task, where);
  }

  private addTask(task: Task, where: Surroundings): void {
    const action = actionFor(this.component, task);
    const preview = previewOf(task, action);
    const pane = isPane(task);
    const kind = pane ? "pane" : wordOf(task) === "condition" ? "condition" : "step";
    const count = (this.counts.get(task.name) ?? 0) + 1;
    this.counts.set(task.name, count);
    const id = refOf(task.name, count);
    const slots = slotsOf(task);
    const columns = pane ? slots.map((slot) => ({ key: slot.key, label: slots.length > 1 ? labelOf(task, slot.key) : "" })) : [];
    const height = heightOf(preview, isFolded(task));
    this.add({ ...blank, ...where, id, kind, height, task, action, preview, columns }, task.name);
    this.ids.set(task, id);
    const around = [...where.around, { name: task.name, repeats: REPEATING.has(wordOf(task)) }];
    for (const slot of slots) {
      const within: Surroundings["within"] = [...where.within, [id, slot.key]];
      this.addList(slot.tasks, pane ? { parent: id, column: slot.key, around, within } : { ...where, around, within });
    }
  }

  /** Draw what each step reads, between the panes or steps that stand side by side. */
  connect(): void {
    const known = new Set(this.named.keys());
    const seen = new Set<string>();
    for (const node of this.nodes) {
      seen.add(node.id);
      const reader = readerOf(node);
      if (!reader) continue;
      for (const read of readsOf(reader, known)) {
        const source = this.nearest(read.name, seen, node);
        if (source === undefined || source === node.id) continue;
        node.reads.push(source);
        const ends = this.lifted(source, node.id);
        if (!ends) continue;
        const plain = read.property === node.action?.main || read.property === "items" || read.property === "expression" || node.kind === "end";
        const label = read.field || (plain || source.startsWith("input:") ? "" : read.property);
        this.draw(ends[0], ends[1], "out", "data", label, { reader: node.task ? node.id : reader.name, name: read.name, property: read.property });
      }
    }
  }

  /** Draw the lists of conditions, and the order of steps that nothing leads to; return what the list ends with. */
  addOrder(tasks: Task[], from: Tail | undefined): Tail[] {
    let tails = from ? [from] : [];
    for (const task of tasks) {
      const id = this.ids.get(task) ?? task.name;
      const isFirst = task === tasks[0];
      const isFed = [...this.edges.values()].some((edge) => edge.target === id && edge.kind === "data");
      if (isFirst && from) this.draw(from.id, id, from.handle, "case", from.label);
      else if (!isFed) for (const tail of tails) this.draw(tail.id, id, tail.handle, "order", tail.label);
      tails = this.tailsOf(task, id);
      if (isPane(task)) for (const slot of slotsOf(task)) this.addOrderInside(task, slot.tasks);
      else for (const slot of slotsOf(task)) this.addOrder(slot.tasks, { id, handle: slot.key, label: labelOf(task, slot.key) });
    }
    return tails;
  }

  /** Let an output that reads nothing stand behind the last step. */
  addEnds(tails: Tail[]): void {
    for (const { id } of this.nodes.filter((node) => node.kind === "end" && node.reads.length === 0))
      for (const tail of tails) this.draw(tail.id, id, tail.handle, "order", tail.label);
  }

  private addOrderInside(task: Task, tasks: Task[]): void {
    if (wordOf(task) !== "parallel") this.addOrder(tasks, undefined);
    else for (const one of tasks) this.addOrder([one], undefined);
  }

  private tailsOf(task: Task, id: string): Tail[] {
    if (isPane(task) || !isContainer(task)) return [{ id, handle: "out", label: "" }];
    return slotsOf(task).flatMap((slot) => {
      const last = slot.tasks.at(-1);
      if (last) return this.tailsOf(last, this.ids.get(last) ?? last.name);
      return [{ id, handle: slot.key, label: labelOf(task, slot.key) }];
    });
  }

  private draw(source: string, target: string, handle: string, kind: GraphEdge["kind"], label: string, pair?: GraphEdge["pairs"][number]): void {
    const id = `${source}>${handle}>${target}`;
    const old = this.edges.get(id);
    const labels = new Set((old?.label ?? "").split(", ").concat(label).filter(Boolean));
    this.edges.set(id, {
      id,
      source,
      target,
      sourceHandle: this.byId.get(source)?.kind === "condition" && handle === "out" ? "caseTrue" : handle,
      kind: old?.kind ?? kind,
      label: [...labels].join(", "),
      pairs: [...(old?.pairs ?? []), ...(pair ? [pair] : [])],
    });
  }

  /** The last node of a name that stands before the reader. */
  private nearest(name: string, seen: ReadonlySet<string>, reader: GraphNode): string | undefined {
    const all = this.named.get(name) ?? [];
    return all.findLast((id) => seen.has(id) && id !== reader.id) ?? all[0];
  }

  /**
   * Both ends as they stand in the innermost pane that holds both; undefined if one holds the other.
   * What a list of a condition reads from outside leads to the condition, as it does to a pane.
   */
  private lifted(source: string, reader: string): [string, string] | undefined {
    const around = new Set(this.byId.get(source)?.within.map(([id]) => id));
    const condition = this.byId.get(reader)?.within.find(([id]) => this.byId.get(id)?.kind === "condition" && !around.has(id) && id !== source);
    const target = condition?.[0] ?? reader;
    const sources = this.chain(source);
    const targets = this.chain(target);
    if (sources.includes(target) || targets.includes(source)) return undefined;
    let depth = 0;
    while (sources[depth] === targets[depth] && depth < sources.length) depth += 1;
    const [from, to] = [sources[depth], targets[depth]];
    return from === undefined || to === undefined ? undefined : [from, to];
  }

  /** The panes around a node, the outermost first, and the node. */
  private chain(id: string): string[] {
    const parent = this.byId.get(id)?.parent;
    return parent === undefined ? [id] : [...this.chain(parent), id];
  }

  private add(node: GraphNode, name: string): void {
    const own = { ...node, reads: [] };
    this.nodes.push(own);
    this.byId.set(node.id, own);
    if (name) this.named.set(name, [...(this.named.get(name) ?? []), node.id]);
  }
}

const blank = { width: NODE.width, column: "", around: [], columns: [], within: [], reads: [], preview: "none" as const };

/** What reads other steps: a step, or an output of the flow as if it were one. */
function readerOf({ task, output, id }: GraphNode): Task | undefined {
  return output ? { name: nameOf(id), type: "output/v1", parameters: { value: output.value } } : task;
}

export function isFolded(task: Task): boolean {
  const ui = isObject(task.metadata) ? task.metadata.ui : undefined;
  return isObject(ui) && ui.folded === true;
}

function startsOf(flow: FlowDocument): FlowInput[] {
  const triggers = (flow.triggers ?? []).flatMap((one: JsonObject) =>
    typeof one.name === "string" ? [{ name: one.name, type: typeof one.type === "string" ? one.type : "" }] : [],
  );
  return [...(flow.inputs ?? []), ...triggers];
}

function labelOf(task: Task, key: string): string {
  const names: Record<string, string> = {
    caseTrue: "true",
    caseFalse: "false",
    "main-branch": "main",
    "on-error-branch": "on error",
    default: "default",
  };
  const [, list, number] = /^(\w+)\[(\d+)\]$/.exec(key) ?? [];
  if (list === undefined) return names[key] ?? key;
  const cases = task.parameters?.[list];
  const one = Array.isArray(cases) ? cases[Number(number)] : undefined;
  return isObject(one) && typeof one.key === "string" && one.key ? one.key : String(Number(number) + 1);
}
