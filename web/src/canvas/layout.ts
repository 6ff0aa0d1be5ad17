// Where each node stands: top to bottom, panes around what they hold. Pure; the sizes are known before.

import { graphlib, layout as dagre } from "@dagrejs/dagre";

import { positionOf, type Point } from "../flow/document";
import type { Graph, GraphEdge, GraphNode } from "./graph";
import { NODE, PANE } from "./sizes";

export interface Box extends Point {
  width: number;
  height: number;
}

export interface Layout {
  /** By id, relative to the pane around the node. */
  boxes: Record<string, Box>;
  /** By edge: where it turns on its way past other nodes, relative to the pane around both ends. */
  lanes: Record<string, Point[]>;
  /** By pane: where each list begins and how wide it is. */
  columns: Record<string, { key: string; label: string; x: number; width: number; isEmpty: boolean }[]>;
}

const RANK_GAP = 46;
const NODE_GAP = 28;

export function layoutOf(graph: Graph, isTidy = false): Layout {
  const layout: Layout = { boxes: {}, lanes: {}, columns: {} };
  const children = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    const inside = children.get(node.parent ?? "");
    if (inside) inside.push(node);
    else children.set(node.parent ?? "", [node]);
  }
  const sized = (node: GraphNode): Box => {
    if (node.kind !== "pane") return { x: 0, y: 0, width: node.width, height: node.height };
    return { x: 0, y: 0, ...arrangePane(node) };
  };
  const arrangePane = (pane: GraphNode): { width: number; height: number } => {
    const inside = children.get(pane.id) ?? [];
    const hasLabels = pane.columns.some((column) => column.label);
    const top = PANE.head + (hasLabels ? PANE.label : PANE.padding / 4);
    let x = PANE.padding;
    let height = 0;
    layout.columns[pane.id] = pane.columns.map((column) => {
      const members = inside.filter((node) => node.column === column.key);
      const size = arrange(members, { x, y: top });
      const found = { ...column, x, width: size.width, isEmpty: members.length === 0 };
      x += size.width + PANE.gap;
      height = Math.max(height, size.height);
      return found;
    });
    return { width: Math.max(x - PANE.gap, PANE.padding + NODE.width) + PANE.padding, height: top + height + PANE.padding };
  };
  /** Arrange nodes of one list from a corner; return how much room they take. */
  const arrange = (members: GraphNode[], corner: Point): { width: number; height: number } => {
    if (members.length === 0) return { width: NODE.width, height: PANE.empty };
    for (const node of members) layout.boxes[node.id] = sized(node);
    return place(members, edgesAmong(graph.edges, members), corner, layout);
  };
  const top = (children.get("") ?? []).filter((node) => node.kind !== "note");
  arrange(top, { x: 0, y: 0 });
  if (!isTidy) moveByHand(top, graph.edges, layout);
  for (const node of graph.nodes) {
    if (node.note) layout.boxes[node.id] = { x: node.note.x, y: node.note.y, width: node.width, height: node.height };
  }
  return layout;
}

function edgesAmong(edges: GraphEdge[], members: GraphNode[]): GraphEdge[] {
  const ids = new Set(members.map((node) => node.id));
  return edges.filter((edge) => ids.has(edge.source) && ids.has(edge.target));
}

function place(members: GraphNode[], edges: GraphEdge[], corner: Point, layout: Layout): { width: number; height: number } {
  const graph = new graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", ranksep: RANK_GAP, nodesep: NODE_GAP, edgesep: NODE_GAP, rankalign: "top" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of members) {
    const { width, height } = layout.boxes[node.id] ?? node;
    graph.setNode(node.id, { width, height });
  }
  for (const edge of edges) {
    const weight = edge.kind === "order" ? 1 : edge.label ? 2 : 3;
    graph.setEdge(edge.source, edge.target, { weight, minlen: 1 }, edge.id);
  }
  dagre(graph);
  const boxes = members.map((node) => {
    const box = layout.boxes[node.id] ?? { ...node, x: 0, y: 0 };
    const at = graph.node(node.id) as Point;
    return Object.assign(box, { x: at.x - box.width / 2, y: at.y - box.height / 2 });
  });
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  const shift = { x: corner.x - left, y: corner.y - top };
  for (const box of boxes) {
    box.x = Math.round(box.x + shift.x);
    box.y = Math.round(box.y + shift.y);
  }
  const tops = [...new Set(boxes.map((box) => box.y))].sort((a, b) => a - b);
  for (const edge of edges) {
    const route = graph.edge({ v: edge.source, w: edge.target, name: edge.id }) as { points?: Point[] };
    const points = (route.points ?? []).map((point) => ({ x: point.x + shift.x, y: point.y + shift.y }));
    const lanes = lanesOf(points, tops, layout.boxes[edge.source], layout.boxes[edge.target]);
    if (lanes.length > 0) layout.lanes[edge.id] = lanes;
  }
  return {
    width: Math.max(...boxes.map((box) => box.x + box.width)) - corner.x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - corner.y,
  };
}

/** One point for each row that an edge passes: its column there, and the top of the row. */
function lanesOf(points: Point[], tops: number[], source: Box | undefined, target: Box | undefined): Point[] {
  if (!source || !target) return [];
  return tops
    .filter((top) => top > source.y && top < target.y)
    .flatMap((top, index, passed) => {
      const end = passed[index + 1] ?? target.y;
      const inRow = points.filter((point) => point.y >= top && point.y < end);
      return inRow[0] ? [{ x: Math.round(inRow[0].x), y: top }] : [];
    });
}

/** Steps that a person moved stand where they were put; others give way. */
function moveByHand(members: GraphNode[], edges: GraphEdge[], layout: Layout): void {
  const taken: Box[] = [];
  const moved = new Set<string>();
  for (const node of members) {
    const at = node.task && positionOf(node.task);
    const box = layout.boxes[node.id];
    if (!at || !box) continue;
    Object.assign(box, at);
    moved.add(node.id);
    taken.push(box);
  }
  if (taken.length === 0) return;
  for (const node of members) {
    const box = layout.boxes[node.id];
    if (!box || (node.task && positionOf(node.task))) continue;
    const y = box.y;
    for (let hit = overlapping(box, taken); hit; hit = overlapping(box, taken)) box.y = hit.y + hit.height + NODE_GAP;
    if (box.y !== y) moved.add(node.id);
    taken.push(box);
  }
  for (const edge of edges) if (moved.has(edge.source) || moved.has(edge.target)) layout.lanes[edge.id] = [];
}

const overlapping = (box: Box, others: Box[]): Box | undefined =>
  others.find(
    (other) =>
      box.x < other.x + other.width &&
      other.x < box.x + box.width &&
      box.y < other.y + other.height &&
      other.y < box.y + box.height,
  );
