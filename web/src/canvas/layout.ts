// Where each node stands: top to bottom, panes around what they hold. Pure; the sizes are known before.

import { graphlib, layout as dagre } from "@dagrejs/dagre";

import { positionOf, type Point } from "../flow/document";
import type { Graph, GraphEdge, GraphNode } from "./graph";
import { NODE, PANE, PORTS, TURN } from "./sizes";

export interface Box extends Point {
  width: number;
  height: number;
}

export interface Layout {
  /** By id, relative to the pane around the node. */
  boxes: Record<string, Box>;
  /** By edge: the column in which it passes other nodes, relative to the pane around both ends. */
  lanes: Record<string, number>;
  /** By pane: where each list begins and how wide it is. */
  columns: Record<string, { key: string; label: string; x: number; width: number; isEmpty: boolean }[]>;
  /** By node outside of panes: where it stood before those that a person moved. */
  laid: Record<string, Point>;
}

/** A node outside of panes, and where it is to stand unless a person moved it. */
export interface Anchor {
  id: string;
  at: Point;
}

const RANK_GAP = 46;
const NODE_GAP = 28;
/** A flow that is higher than this goes on in further columns: whole on a screen, its steps can still be told apart. */
const LONG = 6000;
const COLUMN = 4200;
const COLUMN_GAP = 60;

export function layoutOf(graph: Graph, anchor?: Anchor): Layout {
  const layout: Layout = { boxes: {}, lanes: {}, columns: {}, laid: {} };
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
  wrap(top.flatMap((node) => layout.boxes[node.id] ?? []));
  shift(top, layout, anchor);
  moveByHand(top, layout);
  for (const [, inside] of children) routeAmong(edgesAmong(graph.edges, inside), inside, layout);
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
  dagre(graph, { constraints: casesInOrder(edges) });
  const boxes = members.map((node) => {
    const box = layout.boxes[node.id] ?? { ...node, x: 0, y: 0 };
    const at = graph.node(node.id) as Point;
    return Object.assign(box, { x: at.x - box.width / 2, y: at.y - box.height / 2 });
  });
  if (!edges.some((edge) => edge.kind === "case")) readFromLeft(boxes);
  moveUp(members, edges, layout.boxes);
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  for (const box of boxes) {
    box.x = Math.round(box.x + corner.x - left);
    box.y = Math.round(box.y + corner.y - top);
  }
  return {
    width: Math.max(...boxes.map((box) => box.x + box.width)) - corner.x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - corner.y,
  };
}

/** The list of `true` stands at the left of that of `false`, as its port does. */
function casesInOrder(edges: GraphEdge[]): { left: string; right: string }[] {
  const cases = edges.filter((edge) => edge.kind === "case");
  return cases
    .filter((edge) => edge.sourceHandle === "caseTrue")
    .flatMap((edge) => {
      const other = cases.find((one) => one.source === edge.source && one.sourceHandle === "caseFalse");
      return other ? [{ left: edge.target, right: other.target }] : [];
    });
}

/** Mirror rows in which most of what comes first in the flow stands at the right. */
function readFromLeft(boxes: Box[]): void {
  const middle = (box: Box): number => box.x + box.width / 2;
  const rows = new Map<number, Box[]>();
  for (const box of boxes) rows.set(box.y, [...(rows.get(box.y) ?? []), box]);
  let balance = 0;
  for (const row of rows.values()) row.forEach((box, index) => (balance += Math.sign(middle(box) - middle(row[index - 1] ?? box))));
  if (balance < 0) for (const box of boxes) box.x = -box.x - box.width;
}

/** Rows are as high as their highest node: let each node come up to what stands above it. */
function moveUp(members: GraphNode[], edges: GraphEdge[], boxes: Record<string, Box>): void {
  const sources = new Map<string, string[]>();
  for (const edge of edges) sources.set(edge.target, [...(sources.get(edge.target) ?? []), edge.source]);
  const order = members.flatMap((node) => boxes[node.id] ? [{ id: node.id, box: boxes[node.id] as Box }] : []).sort((a, b) => a.box.y - b.box.y);
  const placed: Box[] = [];
  for (const { id, box } of order) {
    const above = (sources.get(id) ?? []).flatMap((source) => boxes[source] ?? []);
    const beside = placed.filter((other) => other.x < box.x + box.width + NODE_GAP && box.x < other.x + other.width + NODE_GAP);
    const bottoms = [...above, ...beside].map((other) => other.y + other.height + RANK_GAP);
    if (bottoms.length > 0 && above.length > 0) box.y = Math.min(box.y, Math.max(...bottoms));
    placed.push(box);
  }
}

/** Break a long flow into columns, between rows that share no height. */
function wrap(boxes: Box[]): void {
  const sorted = boxes.toSorted((a, b) => a.y - b.y);
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - (sorted[0]?.y ?? 0);
  if (height <= LONG) return;
  let column: Box[] = [];
  let [x, top, bottom] = [0, sorted[0]?.y ?? 0, Number.NEGATIVE_INFINITY];
  const close = (): void => {
    const left = Math.min(...column.map((box) => box.x));
    const width = Math.max(...column.map((box) => box.x + box.width)) - left;
    for (const box of column) Object.assign(box, { x: box.x - left + x, y: box.y - top });
    x += width + COLUMN_GAP;
    column = [];
  };
  for (const box of sorted) {
    if (box.y >= bottom && column.length > 0 && box.y + box.height - top > COLUMN) {
      close();
      top = box.y;
    }
    bottom = Math.max(bottom, box.y + box.height);
    column.push(box);
  }
  close();
}

/** Put all nodes where the anchor keeps its place, and remember where each stands. */
function shift(members: GraphNode[], layout: Layout, anchor: Anchor | undefined): void {
  const now = layout.boxes[anchor?.id ?? ""];
  const by = anchor && now ? { x: anchor.at.x - now.x, y: anchor.at.y - now.y } : { x: 0, y: 0 };
  for (const { id } of members) {
    const box = layout.boxes[id];
    if (!box) continue;
    Object.assign(box, { x: box.x + by.x, y: box.y + by.y });
    layout.laid[id] = { x: box.x, y: box.y };
  }
}

/** Steps that a person moved stand where they were put; others give way. */
function moveByHand(members: GraphNode[], layout: Layout): void {
  const taken: Box[] = [];
  for (const node of members) {
    const at = node.task && positionOf(node.task);
    const box = layout.boxes[node.id];
    if (!at || !box) continue;
    Object.assign(box, at);
    taken.push(box);
  }
  if (taken.length === 0) return;
  for (const node of members) {
    const box = layout.boxes[node.id];
    if (!box || (node.task && positionOf(node.task))) continue;
    for (let hit = overlapping(box, taken); hit; hit = overlapping(box, taken)) box.y = hit.y + hit.height + NODE_GAP;
    taken.push(box);
  }
}

const overlapping = (box: Box, others: Box[]): Box | undefined =>
  others.find(
    (other) =>
      box.x < other.x + other.width &&
      other.x < box.x + box.width &&
      box.y < other.y + other.height &&
      other.y < box.y + box.height,
  );

/** Find a free column for each edge that would run behind a node. */
function routeAmong(edges: GraphEdge[], members: GraphNode[], layout: Layout): void {
  const boxes = members.flatMap((node) => (node.kind === "note" ? [] : (layout.boxes[node.id] ?? [])));
  for (const edge of edges) {
    const [source, target] = [layout.boxes[edge.source], layout.boxes[edge.target]];
    if (!source || !target) continue;
    const from = { x: source.x + source.width * (PORTS[edge.sourceHandle] ?? 0.5), y: source.y + source.height };
    const to = { x: target.x + target.width / 2, y: target.y };
    const lane = freeColumn(from, to, boxes);
    if (lane !== undefined) layout.lanes[edge.id] = Math.round(lane);
  }
}

/** The nearest column in which an edge passes no node; undefined if the plain way is free. */
function freeColumn(from: Point, to: Point, boxes: Box[]): number | undefined {
  const [top, bottom] = [from.y + TURN, to.y - TURN];
  if (to.y < from.y) return freeWayUp(from, to, boxes);
  if (bottom <= top) return undefined;
  const crossing = boxes.filter((box) => box.y < bottom && box.y + box.height > top);
  if (crossing.length === 0) return undefined;
  const isFree = (x: number): boolean => {
    const [left, right] = [Math.min(x, from.x), Math.max(x, from.x)];
    const [start, end] = [Math.min(x, to.x), Math.max(x, to.x)];
    return !crossing.some(
      (box) =>
        (x > box.x - 6 && x < box.x + box.width + 6) ||
        (box.y < top && box.y + box.height > top && box.x < right && box.x + box.width > left) ||
        (box.y < bottom && box.y + box.height > bottom && box.x < end && box.x + box.width > start),
    );
  };
  const beside = crossing.flatMap((box) => [box.x - NODE_GAP / 2, box.x + box.width + NODE_GAP / 2]);
  const far = (x: number): number => Math.abs(x - from.x) + Math.abs(x - to.x);
  return [from.x, to.x, ...beside.sort((a, b) => far(a) - far(b))].find(isFree);
}

/** The column in which an edge goes up to a node that stands higher, such as the first of a further column. */
function freeWayUp(from: Point, to: Point, boxes: Box[]): number | undefined {
  const [top, bottom] = [to.y - TURN, from.y + TURN];
  const isFree = (x: number): boolean => !boxes.some((box) => x > box.x - 6 && x < box.x + box.width + 6 && box.y < bottom && box.y + box.height > top);
  const half = NODE.width / 2 + COLUMN_GAP / 2;
  return [(from.x + to.x) / 2, to.x - half, to.x + half].find(isFree);
}
