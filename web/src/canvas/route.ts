// Right-angled paths of edges, with round corners.

import type { Point } from "../flow/document";

const RADIUS = 9;
const BEFORE_ROW = 23;

export interface Route {
  path: string;
  /** Where the label stands. */
  label: Point;
}

/** From a port below a node to one above another, through the columns of the rows between. */
export function routeOf(from: Point, to: Point, lanes: readonly Point[] = []): Route {
  const corners: Point[] = [from];
  let x = from.x;
  if (to.y < from.y + BEFORE_ROW) {
    const side = (from.x + to.x) / 2;
    const [below, above] = [from.y + BEFORE_ROW, to.y - BEFORE_ROW];
    corners.push({ x, y: below }, { x: side, y: below }, { x: side, y: above }, { x: to.x, y: above }, to);
    return { path: rounded(corners), label: { x: side, y: (from.y + to.y) / 2 } };
  }
  for (const lane of [...lanes, { x: to.x, y: to.y }]) {
    const y = Math.max(lane.y - BEFORE_ROW, Math.min(from.y + 8, (from.y + to.y) / 2));
    if (Math.abs(lane.x - x) < 1) continue;
    corners.push({ x, y }, { x: lane.x, y });
    x = lane.x;
  }
  corners.push(to);
  return { path: rounded(corners), label: labelPoint(corners) };
}

/** On the longest level part, or in the middle of a straight edge. */
function labelPoint(corners: Point[]): Point {
  let best: [Point, Point] | undefined;
  for (let index = 0; index + 1 < corners.length; index += 1) {
    const [a, b] = [corners[index], corners[index + 1]];
    if (!a || !b || a.y !== b.y) continue;
    if (!best || Math.abs(b.x - a.x) > Math.abs(best[1].x - best[0].x)) best = [a, b];
  }
  const [first, last] = best ?? [corners[0], corners.at(-1)];
  return { x: ((first?.x ?? 0) + (last?.x ?? 0)) / 2, y: ((first?.y ?? 0) + (last?.y ?? 0)) / 2 };
}

function rounded(corners: Point[]): string {
  const parts = corners.map((corner, index) => {
    const before = corners[index - 1];
    const after = corners[index + 1];
    if (!before) return `M${corner.x} ${corner.y}`;
    if (!after) return `L${corner.x} ${corner.y}`;
    const radius = Math.min(RADIUS, distance(before, corner) / 2, distance(corner, after) / 2);
    const start = towards(corner, before, radius);
    const end = towards(corner, after, radius);
    return `L${start.x} ${start.y}Q${corner.x} ${corner.y} ${end.x} ${end.y}`;
  });
  return parts.join("");
}

const distance = (a: Point, b: Point): number => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const all = distance(from, to);
  if (all === 0) return from;
  return { x: from.x + ((to.x - from.x) * by) / all, y: from.y + ((to.y - from.y) * by) / all };
}
