import { expect, it } from "vitest";

import { freeShift } from "./free";

const box = (x: number, y: number): { x: number; y: number; width: number; height: number } => ({ x, y, width: 240, height: 100 });

it("moves boxes down together until none lies on another one", () => {
  expect(freeShift([box(0, 0)], [box(0, 0)], { x: 40, y: 40 })).toEqual({ x: 40, y: 128 });
  expect(freeShift([box(0, 0)], [box(0, 0), box(100, 150)], { x: 40, y: 40 })).toEqual({ x: 40, y: 278 });
  expect(freeShift([box(0, 0), box(0, 200)], [box(0, 250)])).toEqual({ x: 0, y: 378 });
});

it("leaves boxes where they are on a free place", () => {
  expect(freeShift([box(0, 0)], [box(300, 0)])).toEqual({ x: 0, y: 0 });
});
