// What React Flow reports while a person drags and selects, written to the scene and to the flow.

import { applyEdgeChanges, applyNodeChanges, type EdgeChange, type NodeChange } from "@xyflow/react";

import { withPosition, type FlowDocument, type Point } from "../flow/document";
import { indexAt, withNote } from "../flow/edits";
import { useFlow } from "../flow/store";
import { find, insert, move, nameOf, remove, replace } from "../flow/tree";
import { words } from "../words";
import { drawFlow, useScene, type SceneEdge, type SceneNode } from "./scene";
import { dropAt } from "./drop";
import { edgeUnder, movedOntoEdge } from "./onEdge";
import { snapped } from "./snap";
import { useCanvas, type DropTarget } from "./ui";
import { currentComponent } from "./commands";

export function onNodesChange(changes: NodeChange<SceneNode>[]): void {
  const { nodes } = useScene.getState();
  const moves = changes.filter((change) => change.type === "position" && change.dragging === true && change.position);
  if (moves.length === 1 && moves[0]?.type === "position") snap(moves[0], nodes);
  const kept = changes.filter((change) => change.type === "position" || change.type === "dimensions");
  if (kept.length > 0) useScene.setState({ nodes: applyNodeChanges(kept, nodes) });
  const picks = changes.filter((change) => change.type === "select");
  if (picks.length === 0) return;
  const selected = new Set(useFlow.getState().selected);
  for (const pick of picks) {
    if (pick.selected) selected.add(pick.id);
    else selected.delete(pick.id);
  }
  useFlow.getState().select(selected);
}

export function onEdgesChange(changes: EdgeChange<SceneEdge>[]): void {
  const picks = changes.filter((change) => change.type === "select");
  if (picks.length > 0) useScene.setState(({ edges }) => ({ edges: applyEdgeChanges(picks, edges) }));
}

function snap(change: { id: string; position?: Point }, nodes: SceneNode[]): void {
  const moved = nodes.find((node) => node.id === change.id);
  if (!moved || !change.position || moved.parentId !== undefined) return;
  const rects = nodes
    .filter((node) => node.parentId === undefined && node.id !== change.id)
    .map((node) => ({ ...node.position, width: node.width ?? 0, height: node.height ?? 0 }));
  const found = snapped({ ...change.position, width: moved.width ?? 0, height: moved.height ?? 0 }, rects);
  change.position = found.at;
  useCanvas.setState({ guides: found.guides });
}

/** Show where the dragged steps would land. */
export function whileDragging(at: Point, dragged: SceneNode[]): void {
  const names = stepsAmong(dragged);
  const dropEdge = edgeUnder(at, names)?.id ?? null;
  const drop = names.length > 0 && dropEdge === null ? (dropAt(at, new Set(names)) ?? null) : null;
  const old = useCanvas.getState();
  if (dropEdge !== old.dropEdge || JSON.stringify(old.drop) !== JSON.stringify(drop)) useCanvas.setState({ drop, dropEdge });
}

/** Put the dragged steps and notes where they were dropped: one step of undo. */
export function afterDragging(at: Point, dragged: SceneNode[]): void {
  const names = stepsAmong(dragged);
  const [first = ""] = names;
  const edge = edgeUnder(at, names);
  const drop = names.length > 0 ? dropAt(at, new Set(names)) : undefined;
  useCanvas.setState({ drop: null, dropEdge: null, guides: { x: null, y: null } });
  const before = useFlow.getState().flow;
  useFlow.getState().edit(words.canvas.edits.move, (flow) => {
    const withNotes = dragged.reduce(
      (one, node) => (node.data.node.note ? withNote(one, node.data.node.note.id, rounded(node.position)) : one),
      flow,
    );
    if (edge) return movedOntoEdge(withNotes, first, edge, at);
    if (drop) return into(withNotes, names, drop);
    return dragged.reduce((one, node) => (node.data.node.task ? placed(one, node, at) : one), withNotes);
  });
  // Nothing changed: the nodes go back to where they were.
  if (useFlow.getState().flow === before) useScene.setState({ nodes: [] });
  drawFlow(useFlow.getState().flow, currentComponent());
}

function into(flow: FlowDocument, names: string[], drop: DropTarget): FlowDocument {
  const place = { container: drop.id, slot: drop.slot, index: drop.index };
  const moved = move(flow, names, place);
  if (moved === flow) return flow;
  return names.reduce((one, name) => replace(one, name, (task) => withPosition(task, undefined)), moved);
}

function placed(flow: FlowDocument, node: SceneNode, at: Point): FlowDocument {
  const name = node.id;
  const step = find(flow, name);
  if (!step) return flow;
  if (node.parentId !== undefined) {
    // Dragged out of its pane: it stands behind the outermost container, where it was dropped.
    const outer = find(flow, step.around[0] ?? "");
    const task = withPosition(step.task, rounded({ x: at.x - 120, y: at.y - 20 }));
    return insert(remove(flow, new Set([name])), [task], { index: (outer?.place.index ?? flow.tasks.length - 1) + 1 });
  }
  const positioned = replace(flow, name, (task) => withPosition(task, rounded(node.position)));
  const place = indexAt(positioned, name, above(node));
  return place && place.index !== step.place.index ? move(positioned, [name], place) : positioned;
}

/** The steps whose middle is higher on the canvas. */
function above(node: SceneNode): Set<string> {
  const middle = (one: SceneNode): number => one.position.y + (one.height ?? 0) / 2;
  const { nodes } = useScene.getState();
  return new Set(nodes.filter((one) => one.parentId === node.parentId && middle(one) < middle(node)).map((one) => nameOf(one.id)));
}

const stepsAmong = (nodes: SceneNode[]): string[] => nodes.filter((node) => node.data.node.task).map((node) => node.id);
const rounded = (at: Point): Point => ({ x: Math.round(at.x), y: Math.round(at.y) });
