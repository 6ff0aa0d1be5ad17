// What React Flow draws: made from the flow, kept as long as nothing in it changes.

import type { Edge, Node } from "@xyflow/react";
import { Position } from "@xyflow/react";
import { create } from "zustand";

import type { Component } from "../api/component";
import { positionOf, type FlowDocument, type Point } from "../flow/document";
import { buildGraph, type Graph, type GraphEdge, type GraphNode } from "./graph";
import type { Anchor, Box, Layout } from "./layout";
import { PORTS } from "./sizes";

export interface NodeData extends Record<string, unknown> {
  node: GraphNode;
  columns: Layout["columns"][string];
}
export type SceneNode = Node<NodeData>;

export interface EdgeData extends Record<string, unknown> {
  edge: GraphEdge;
  /** Where both ends stand if the lane holds. */
  from: Point;
  to: Point;
  /** The column in which it passes other nodes. */
  lane: number | undefined;
  reader: GraphNode | undefined;
}
export type SceneEdge = Edge<EdgeData>;

interface Scene {
  graph: Graph;
  byId: ReadonlyMap<string, GraphNode>;
  layout: Layout;
  nodes: SceneNode[];
  edges: SceneEdge[];
}

let layoutOf: ((graph: Graph, anchor?: Anchor) => Layout) | undefined;
let lastKey = "";
const EMPTY: Scene = {
  graph: { nodes: [], edges: [] },
  byId: new Map(),
  layout: { boxes: {}, lanes: {}, columns: {}, laid: {} },
  nodes: [],
  edges: [],
};

export const useScene = create<Scene>()(() => EMPTY);

/** Load what finds a place for each node: a large script, of which an empty canvas needs nothing. */
export async function loadLayout(): Promise<void> {
  ({ layoutOf } = await import("./layout"));
}

export const isLayoutLoaded = (): boolean => layoutOf !== undefined;

/** Draw the flow anew. Nodes that did not change stay the same objects. */
export function drawFlow(flow: FlowDocument, component: Component | undefined): void {
  const before = useScene.getState();
  const graph = buildGraph(flow, component);
  const key = keyOf(graph);
  if (!layoutOf) throw new Error("the layout is not loaded");
  const layout = key === lastKey ? before.layout : layoutOf(graph, anchorOf(graph, before));
  lastKey = key;
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const panesFirst = graph.nodes.filter((node) => node.kind === "pane").concat(graph.nodes.filter((node) => node.kind !== "pane"));
  const nodes = panesFirst.map((node) => sceneNode(node, layout, old.get(node.id)));
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const edges = graph.edges.map((edge) => sceneEdge(edge, byId, layout));
  useScene.setState({ graph, byId, layout, nodes, edges });
}

/** Begin anew: another flow has no place to keep. */
export function clearScene(): void {
  lastKey = "";
  useScene.setState(EMPTY);
}

/** A node that a person looks at stays where it was: the selected one, else the first. */
function anchorOf(graph: Graph, before: Scene): Anchor | undefined {
  const top = graph.nodes.filter((node) => node.parent === undefined && before.layout.laid[node.id]);
  const looked = new Set(before.nodes.filter((node) => node.selected).map((node) => node.id));
  const id = (top.find((node) => looked.has(node.id)) ?? top[0])?.id;
  const at = before.layout.laid[id ?? ""];
  return id !== undefined && at ? { id, at } : undefined;
}

/** Mark the nodes of what is selected in the flow. */
export function markSelected(selected: ReadonlySet<string>): void {
  useScene.setState(({ nodes }) => {
    const marked = nodes.map((node) => {
      const isSelected = selected.has(node.id);
      return node.selected === isSelected ? node : { ...node, selected: isSelected };
    });
    return marked.some((node, index) => node !== nodes[index]) ? { nodes: marked } : {};
  });
}

/** What the layout depends on: no word of a prompt is in it. */
function keyOf(graph: Graph): string {
  const nodes = graph.nodes.map((node) => {
    const at = node.note ?? (node.task && positionOf(node.task));
    const columns = node.columns.map((column) => column.key + column.label).join();
    return [node.id, node.parent, node.column, node.height, at?.x, at?.y, columns].join();
  });
  return `${nodes.join(";")}|${graph.edges.map((edge) => `${edge.id} ${edge.label ? 1 : 0}`).join(";")}`;
}

function sceneNode(node: GraphNode, layout: Layout, old: SceneNode | undefined): SceneNode {
  const box = layout.boxes[node.id] ?? { x: 0, y: 0, width: node.width, height: node.height };
  const columns = layout.columns[node.id] ?? NO_COLUMNS;
  const isSame = old && isSameNode(old.data.node, node) && old.data.columns === columns;
  if (isSame && old.position.x === box.x && old.position.y === box.y && old.width === box.width && old.height === box.height) return old;
  return {
    id: node.id,
    type: node.kind,
    position: { x: box.x, y: box.y },
    width: box.width,
    height: box.height,
    ...(node.parent === undefined ? {} : { parentId: node.parent }),
    zIndex: node.kind === "pane" ? 0 : node.kind === "note" ? 3 : 2,
    handles: handlesOf(node, box),
    selected: old?.selected ?? false,
    // Known up front, so that nodes out of sight count for the map and for zoom to fit.
    measured: { width: box.width, height: box.height },
    data: { node: isSame ? old.data.node : node, columns },
  };
}

const NO_COLUMNS: Layout["columns"][string] = [];

function isSameNode(a: GraphNode, b: GraphNode): boolean {
  return (
    a.task === b.task &&
    a.action === b.action &&
    a.input === b.input &&
    a.output === b.output &&
    a.note?.text === b.note?.text &&
    a.height === b.height &&
    a.parent === b.parent &&
    a.column === b.column &&
    a.reads.join() === b.reads.join() &&
    JSON.stringify(a.around) === JSON.stringify(b.around) &&
    a.within.join() === b.within.join()
  );
}

function handlesOf(node: GraphNode, box: Box): NonNullable<SceneNode["handles"]> {
  if (node.kind === "note") return [];
  const size = { width: 16, height: 7 };
  const outs = node.kind === "condition" ? ["caseTrue", "caseFalse"] : node.kind === "end" ? [] : ["out"];
  return [
    ...(node.kind === "start" ? [] : [{ id: "in", type: "target" as const, position: Position.Top, x: box.width / 2 - 8, y: -4, ...size }]),
    ...outs.map((id) => ({
      id,
      type: "source" as const,
      position: Position.Bottom,
      x: box.width * (PORTS[id] ?? 0.5) - 8,
      y: box.height - 3,
      ...size,
    })),
  ];
}

function sceneEdge(edge: GraphEdge, byId: ReadonlyMap<string, GraphNode>, layout: Layout): SceneEdge {
  const from = absolute(edge.source, byId, layout);
  const to = absolute(edge.target, byId, layout);
  const parent = byId.get(edge.source)?.parent;
  const origin = parent === undefined ? { x: 0, y: 0 } : absolute(parent, byId, layout);
  const lane = layout.lanes[edge.id];
  return {
    id: edge.id,
    type: "data",
    source: edge.source,
    target: edge.target,
    sourceHandle: edge.sourceHandle,
    targetHandle: "in",
    selectable: edge.kind === "data",
    zIndex: parent === undefined ? 0 : 1,
    data: { edge, from, to, lane: lane === undefined ? undefined : lane + origin.x, reader: byId.get(edge.target) },
  };
}

/** The corner of a node on the canvas. */
export function absolute(id: string, byId: ReadonlyMap<string, GraphNode>, layout: Layout): Point {
  const box = layout.boxes[id] ?? { x: 0, y: 0 };
  const parent = byId.get(id)?.parent;
  if (parent === undefined) return { x: box.x, y: box.y };
  const corner = absolute(parent, byId, layout);
  return { x: corner.x + box.x, y: corner.y + box.y };
}
