// The next node in a direction: along the edges first, else the nearest one there.

import type { Point } from "../flow/document";
import type { Graph } from "./graph";

export type Direction = "up" | "down" | "left" | "right";

export function neighbour(graph: Graph, at: (id: string) => Point, from: string | undefined, direction: Direction): string | undefined {
  const nodes = graph.nodes.filter((node) => node.kind !== "note" || direction === "left" || direction === "right");
  if (from === undefined || !nodes.some((node) => node.id === from)) return nodes[0]?.id;
  if (direction === "down") {
    const inner = nodes.find((node) => node.parent === from);
    const next = graph.edges.filter((edge) => edge.source === from).map((edge) => edge.target);
    if (inner) return inner.id;
    if (next[0] !== undefined) return nearestX(next, at, at(from));
  }
  if (direction === "up") {
    const before = graph.edges.filter((edge) => edge.target === from).map((edge) => edge.source);
    if (before[0] !== undefined) return nearestX(before, at, at(from));
    const parent = nodes.find((node) => node.id === from)?.parent;
    if (parent !== undefined) return parent;
  }
  const here = at(from);
  const [dx, dy] = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] }[direction] as [number, number];
  let best: [id: string, far: number] | undefined;
  for (const node of nodes) {
    const there = at(node.id);
    const [x, y] = [there.x - here.x, there.y - here.y];
    const ahead = x * dx + y * dy;
    if (node.id === from || ahead <= 8) continue;
    const far = ahead + 2.5 * Math.abs(x * dy + y * dx);
    if (!best || far < best[1]) best = [node.id, far];
  }
  return best?.[0];
}

function nearestX(ids: string[], at: (id: string) => Point, from: Point): string | undefined {
  return ids.toSorted((a, b) => Math.abs(at(a).x - from.x) - Math.abs(at(b).x - from.x))[0];
}
