// Right-angled paths of edges, with round corners.

import type { Point } from "../flow/document";
import { TURN } from "./sizes";

const RADIUS = 9;

export interface Route {
  path: string;
  corners: Point[];
  /** Where the label stands. */
  label: Point;
}

/** From a port below a node to one above another; `lane` is a column to go down in on the way. */
export function routeOf(from: Point, to: Point, lane?: number): Route {
  if (to.y < from.y + TURN) {
    const side = lane ?? (from.x + to.x) / 2;
    const [below, above] = [from.y + TURN, to.y - TURN];
    const corners = [from, { x: from.x, y: below }, { x: side, y: below }, { x: side, y: above }, { x: to.x, y: above }, to];
    return { path: rounded(corners), corners, label: { x: side, y: (from.y + to.y) / 2 } };
  }
  const low = Math.max(to.y - TURN, (from.y + to.y) / 2);
  if (Math.abs(from.x - to.x) < 1 && lane === undefined) return { path: rounded([from, to]), corners: [from, to], label: middle(from, to) };
  const x = lane ?? from.x;
  const high = Math.min(from.y + TURN, (from.y + to.y) / 2);
  const corners = [from, { x: from.x, y: high }, { x, y: high }, { x, y: low }, { x: to.x, y: low }, to];
  return { path: rounded(corners), corners, label: labelPoint(corners) };
}

/** How far a point is from a route. */
export function farFrom(point: Point, { corners }: Route): number {
  const far = corners.slice(1).map((b, index) => {
    const a = corners[index] ?? b;
    const x = Math.min(Math.max(point.x, Math.min(a.x, b.x)), Math.max(a.x, b.x));
    const y = Math.min(Math.max(point.y, Math.min(a.y, b.y)), Math.max(a.y, b.y));
    return Math.hypot(point.x - x, point.y - y);
  });
  return Math.min(...far);
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

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

function rounded(all: Point[]): string {
  const apart = all.filter((corner, index) => index === 0 || distance(corner, all[index - 1] ?? corner) > 0.5);
  const corners = apart.filter((corner, index) => !isOnTheWay(apart[index - 1], corner, apart[index + 1]));
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

/** A point on a straight line is no corner. */
function isOnTheWay(before: Point | undefined, at: Point, after: Point | undefined): boolean {
  if (!before || !after) return false;
  return (before.x === at.x && at.x === after.x) || (before.y === at.y && at.y === after.y);
}

const distance = (a: Point, b: Point): number => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const all = distance(from, to);
  if (all === 0) return from;
  return { x: from.x + ((to.x - from.x) * by) / all, y: from.y + ((to.y - from.y) * by) / all };
}
