// A free place for what is added to the canvas.

import type { Point } from "../flow/document";
import type { Box } from "./layout";

const GAP = 28;

/** How far boxes move together, so that none lies on another one: by a start, and down from there. */
export function freeShift(boxes: readonly Box[], others: readonly Box[], start: Point = { x: 0, y: 0 }): Point {
  const shift = { ...start };
  for (let down = overlap(boxes, others, shift); down !== undefined; down = overlap(boxes, others, shift)) shift.y += down;
  return shift;
}

/** How far the first box that overlaps another one must move down; undefined if no box overlaps. */
function overlap(boxes: readonly Box[], others: readonly Box[], by: Point): number | undefined {
  for (const box of boxes) {
    const [x, y] = [box.x + by.x, box.y + by.y];
    const hit = others.find((other) => x < other.x + other.width && other.x < x + box.width && y < other.y + other.height && other.y < y + box.height);
    if (hit) return hit.y + hit.height + GAP - y;
  }
  return undefined;
}
