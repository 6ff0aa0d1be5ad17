import { expect, it } from "vitest";

import { routeOf } from "./route";

it("draws edges straight, round corners, and through a free column", () => {
  expect(routeOf({ x: 0, y: 0 }, { x: 0, y: 50 })).toMatchObject({ path: "M0 0L0 50", label: { x: 0, y: 25 } });
  expect(routeOf({ x: 0, y: 0 }, { x: 100, y: 46 }).path).toBe("M0 0L0 14Q0 23 9 23L91 23Q100 23 100 32L100 46");
  const far = routeOf({ x: 0, y: 0 }, { x: 0, y: 300 }, 150);
  expect(far.path).toContain("L141 23Q150 23 150 32L150 268");
  for (const route of [far, routeOf({ x: 5, y: 5 }, { x: 90, y: 40 }), routeOf({ x: 0, y: 300 }, { x: 80, y: 0 })]) {
    const points = [...route.path.matchAll(/[ML](\S+) ([^QLM]+)/g)].map((one) => [Number(one[1]), Number(one[2])]);
    expect(points.every((point) => point.every(Number.isFinite))).toBe(true);
  }
});
