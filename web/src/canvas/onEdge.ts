// An action or a step that is dropped onto an edge becomes a step between both ends.

import { actionFor } from "../api/component";
import { insertedBetween, type Carried } from "../flow/between";
import { positionOf, withPosition, type FlowDocument, type Point, type Task } from "../flow/document";
import { newTask, type Kind } from "../flow/edits";
import { useFlow } from "../flow/store";
import { find, nameOf, namesIn, remove, type Place } from "../flow/tree";
import { words } from "../words";
import { announceStep, currentComponent, filled, kindOf, titleOf } from "./commands";
import { farFrom, routeOf } from "./route";
import { absolute, useScene, type SceneEdge } from "./scene";
import { PORTS } from "./sizes";
import { getStage } from "./ui";

const NEAR_PX = 14;

/** The nearest edge under a point; undefined on a step but the one that moves, and where no edge is near. */
export function edgeAt(point: Point, moving?: string): SceneEdge | undefined {
  const { edges, graph, byId, layout } = useScene.getState();
  const isOnStep = graph.nodes.some((node) => {
    if (node.id === moving) return false;
    const [box, at] = [layout.boxes[node.id], absolute(node.id, byId, layout)];
    return node.kind !== "pane" && box && point.x >= at.x && point.x <= at.x + box.width && point.y >= at.y && point.y <= at.y + box.height;
  });
  if (isOnStep) return undefined;
  const near = NEAR_PX / (getStage()?.getZoom() ?? 1);
  const found = edges.map((edge) => ({ edge, far: farTo(edge, point) })).sort((a, b) => a.far - b.far)[0];
  return found && found.far <= near ? found.edge : undefined;
}

/** The edge under a step that moves alone. One that is wired stays so: only its place changes. */
export function edgeUnder(point: Point, names: readonly string[]): SceneEdge | undefined {
  const [name, another] = names;
  const task = name === undefined || another !== undefined ? undefined : find(useFlow.getState().flow, name)?.task;
  if (!task || namesIn(task).length > 1) return undefined;
  const isWired = useScene.getState().edges.some(({ source, target, data }) => data?.edge.kind === "data" && (source === name || target === name));
  const edge = isWired ? undefined : edgeAt(point, name);
  return edge && edge.source !== name && edge.target !== name ? edge : undefined;
}

function farTo({ data, source, target, sourceHandle }: SceneEdge, point: Point): number {
  const { layout } = useScene.getState();
  const [from, to] = [layout.boxes[source], layout.boxes[target]];
  if (!data || !from || !to) return Number.POSITIVE_INFINITY;
  const start = { x: data.from.x + from.width * (PORTS[sourceHandle ?? "out"] ?? PORTS.out ?? 0), y: data.from.y + from.height };
  return farFrom(point, routeOf(start, { x: data.to.x + to.width / 2, y: data.to.y }, data.lane));
}

/** Add a step where the edge leads to; it reads what the edge carries, and the reader reads the step. */
export function addOnEdge(of: Kind, edge: SceneEdge, at: Point): void {
  const { flow, edit, select } = useFlow.getState();
  const fresh = newTask(flow, of, titleOf(of));
  const from = nameOf(edge.source).replace(/^input:/, "");
  const task = carriedBy(edge).length > 0 ? fresh : filled(flow, fresh, from);
  edit(words.canvas.edits.add(titleOf(of)), (one) => between(one, task, edge, at));
  select([task.name]);
  announceStep(of, task.name);
}

/** The flow with one of its steps moved to where the edge leads to, and wired like a new one. */
export function movedOntoEdge(flow: FlowDocument, name: string, edge: SceneEdge, at: Point): FlowDocument {
  const task = find(flow, name)?.task;
  return task ? between(remove(flow, new Set([name])), task, edge, at) : flow;
}

function between(flow: FlowDocument, task: Task, edge: SceneEdge, at: Point): FlowDocument {
  const { source, target } = edge;
  const component = currentComponent();
  const place: Place = find(flow, target)?.place ?? { index: flow.tasks.length };
  const isByHand = [source, target].some((id) => positionOf(find(flow, id)?.task ?? NOWHERE) !== undefined);
  const spot = { x: Math.round((at.x - 120) / 10) * 10, y: Math.round((at.y - 23) / 10) * 10 };
  const known = { actionOf: (one: Task) => actionFor(component, one), kindOf: (expression: string) => kindOf(flow, expression) };
  return insertedBetween(flow, withPosition(task, isByHand && place.container === undefined ? spot : undefined), place, carriedBy(edge), known);
}

const carriedBy = ({ data }: SceneEdge): readonly Carried[] => data?.edge.pairs ?? [];

const NOWHERE = { name: "", type: "" };
