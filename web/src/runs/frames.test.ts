import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { byFrame } from "./frames";

beforeEach(() => void vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame", "setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

function taken(): { frames: ReturnType<typeof byFrame<number>>; seen: number[][] } {
  const seen: number[][] = [];
  return { frames: byFrame<number>((all) => seen.push(all)), seen };
}

test("what arrives within a frame is taken together, in its order", () => {
  const { frames, seen } = taken();
  for (const one of [1, 2, 3]) frames.put(one);
  expect(seen).toEqual([]);
  vi.advanceTimersToNextFrame();
  frames.put(4);
  vi.advanceTimersToNextFrame();
  expect(seen).toEqual([[1, 2, 3], [4]]);
});

test("a page without frames takes it a moment later", () => {
  vi.stubGlobal("requestAnimationFrame", () => 1);
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
  const { frames, seen } = taken();
  frames.put(1);
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([[1]]);
  vi.unstubAllGlobals();
});

test("the rest is taken at once, and once", () => {
  const { frames, seen } = taken();
  frames.put(1);
  frames.flush();
  frames.flush();
  vi.advanceTimersByTime(1000);
  expect(seen).toEqual([[1]]);
});
