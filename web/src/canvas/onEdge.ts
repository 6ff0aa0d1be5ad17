// An action that is dropped onto an edge becomes a step between both ends.

import { actionFor } from "../api/component";
import { insertedBetween } from "../flow/between";
import { positionOf, type Point } from "../flow/document";
import { newTask, type Kind } from "../flow/edits";
import { useFlow } from "../flow/store";
import { find, nameOf, type Place } from "../flow/tree";
import { words } from "../words";
import { announceStep, currentComponent, filled, kindOf, titleOf } from "./commands";
import { farFrom, routeOf } from "./route";
import { absolute, useScene, type SceneEdge } from "./scene";
import { PORTS } from "./sizes";
import { getStage } from "./ui";

const NEAR_PX = 14;

/** The nearest edge under a point; undefined on a step, and where no edge is near. */
export function edgeAt(point: Point): SceneEdge | undefined {
  const { edges, graph, byId, layout } = useScene.getState();
  const isOnStep = graph.nodes.some((node) => {
    const [box, at] = [layout.boxes[node.id], absolute(node.id, byId, layout)];
    return node.kind !== "pane" && box && point.x >= at.x && point.x <= at.x + box.width && point.y >= at.y && point.y <= at.y + box.height;
  });
  if (isOnStep) return undefined;
  const near = NEAR_PX / (getStage()?.getZoom() ?? 1);
  const found = edges.map((edge) => ({ edge, far: farTo(edge, point) })).sort((a, b) => a.far - b.far)[0];
  return found && found.far <= near ? found.edge : undefined;
}

function farTo({ data, source, target, sourceHandle }: SceneEdge, point: Point): number {
  const { layout } = useScene.getState();
  const [from, to] = [layout.boxes[source], layout.boxes[target]];
  if (!data || !from || !to) return Number.POSITIVE_INFINITY;
  const start = { x: data.from.x + from.width * (PORTS[sourceHandle ?? "out"] ?? PORTS.out ?? 0), y: data.from.y + from.height };
  return farFrom(point, routeOf(start, { x: data.to.x + to.width / 2, y: data.to.y }, data.lane));
}

/** Add a step where the edge leads to; it reads what the edge carries, and the reader reads the step. */
export function addOnEdge(of: Kind, { data, source, target }: SceneEdge, at: Point): void {
  const { flow, edit, select } = useFlow.getState();
  const component = currentComponent();
  const place: Place = find(flow, target)?.place ?? { index: flow.tasks.length };
  const isByHand = [source, target].some((id) => positionOf(find(flow, id)?.task ?? NOWHERE) !== undefined);
  const spot = { x: Math.round((at.x - 120) / 10) * 10, y: Math.round((at.y - 23) / 10) * 10 };
  const fresh = newTask(flow, of, titleOf(of), isByHand && place.container === undefined ? spot : undefined);
  const carried = data?.edge.pairs ?? [];
  const from = nameOf(source).replace(/^input:/, "");
  const task = carried.length > 0 ? fresh : filled(flow, fresh, from);
  const known = { actionOf: (one: typeof task) => actionFor(component, one), kindOf: (expression: string) => kindOf(flow, expression) };
  edit(words.canvas.edits.add(titleOf(of)), (one) => insertedBetween(one, task, place, carried, known));
  select([task.name]);
  announceStep(of, task.name);
}

const NOWHERE = { name: "", type: "" };
