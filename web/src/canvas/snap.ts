// Alignment of a dragged node with the others: where it snaps, and the guides that show it.

import type { Point } from "../flow/document";

interface Rect extends Point {
  width: number;
  height: number;
}

export interface Snapped {
  at: Point;
  guides: { x: number | null; y: number | null };
}

const NEAR = 6;
const GRID = 20;

export function snapped(rect: Rect, others: readonly Rect[]): Snapped {
  const [x, guideX] = aligned([rect.x, rect.x + rect.width / 2, rect.x + rect.width], others.flatMap((one) => [one.x, one.x + one.width / 2, one.x + one.width]));
  const [y, guideY] = aligned([rect.y, rect.y + rect.height], others.flatMap((one) => [one.y, one.y + one.height]));
  const at = {
    x: guideX === null ? Math.round(rect.x / (GRID / 2)) * (GRID / 2) : rect.x + x,
    y: guideY === null ? Math.round(rect.y / (GRID / 2)) * (GRID / 2) : rect.y + y,
  };
  return { at, guides: { x: guideX, y: guideY } };
}

/** The smallest step that brings one of the lines onto another, and that line. */
function aligned(own: number[], others: number[]): [by: number, line: number | null] {
  let best: [number, number | null] = [NEAR + 1, null];
  for (const line of others) {
    for (const one of own) if (Math.abs(line - one) < Math.abs(best[0])) best = [line - one, line];
  }
  return Math.abs(best[0]) <= NEAR ? best : [0, null];
}
