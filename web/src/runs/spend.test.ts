import { describe, expect, it } from "vitest";

import type { Schemas } from "../api/client";
import { averageCost, expectedOf, forecastOf, measuredSteps } from "./forecast";
import { afterEvent, newRun } from "./state";
import { dayBars, daysUpTo, groupTotals, ticks, type CostRow } from "./spend";
import { runOf, timelineOf, timeTicks } from "./timeline";

const groupOf = (action: string): string => (action === "ask" ? "Ask" : "Images");
const rows: CostRow[] = [
  { day: "2026-11-26", action: "ask", cost: 1, steps: 1 },
  { day: "2026-11-26", action: "createImage", cost: 3, steps: 2 },
  { day: "2026-11-27", action: "ask", cost: 0.5, steps: 1 },
];

describe("what was spent", () => {
  it("is stacked by group, the dearest at the bottom, with the days without costs", () => {
    const days = daysUpTo(new Date("2026-11-27T12:00:00Z"), 3);
    expect(days).toEqual(["2026-11-25", "2026-11-26", "2026-11-27"]);
    expect(dayBars(rows, days, groupOf)).toEqual([
      { day: "2026-11-25", total: 0, parts: [] },
      { day: "2026-11-26", total: 4, parts: [{ group: "Images", cost: 3, from: 0 }, { group: "Ask", cost: 1, from: 3 }] },
      { day: "2026-11-27", total: 0.5, parts: [{ group: "Ask", cost: 0.5, from: 0 }] },
    ]);
    expect(groupTotals(rows, groupOf)).toEqual([{ group: "Images", cost: 3 }, { group: "Ask", cost: 1.5 }]);
  });

  it("has an axis with round marks that hold the highest bar", () => {
    expect(ticks(0.78)).toEqual([0, 0.4, 0.8]);
    expect(ticks(0.00031)).toEqual([0, 0.0002, 0.0004]);
    expect(ticks(100)).toEqual([0, 50, 100]);
    expect(ticks(0)).toEqual([0]);
  });
});

describe("a forecast", () => {
  it("multiplies the estimate, and sorts the steps by what they cost", () => {
    const steps = [
      { name: "a", model: "x", low: 0.1, high: 0.2 },
      { name: "b", model: "y", low: 0.6, high: null },
    ];
    const found = forecastOf({ low: 0.7, high: null, currency: "USD", steps }, 1000);
    expect(found).toMatchObject({ low: 700, high: null });
    expect(found.steps.map((step) => [step.name, step.share])).toEqual([["b", 0.6 / 0.8], ["a", 0.2 / 0.8]]);
  });

  it("takes the measured cost of a step in place of its upper bound", () => {
    const steps = [
      { name: "a", model: "x", low: 0, high: 9 },
      { name: "b", model: "y", low: 0, high: 3 },
    ];
    const found = forecastOf({ low: 0, high: 12, currency: "USD", steps }, 10, { a: 1 });
    expect(found.steps.map((step) => [step.name, step.measured, step.share])).toEqual([["b", null, 0.75], ["a", 10, 0.25]]);
  });

  it("measures a step over its items, in runs with the model that it has now", () => {
    const ask = (name: string, model: string) => ({ name, type: "openRouter/v1/ask", parameters: { model } });
    const item = (place: string, step: string, cost?: number) => ({ place, step, state: "done", started: 1, ended: 2, metadata: cost === undefined ? {} : { cost } });
    const run = (models: string[], steps: object[]) =>
      ({ id: "r", label: "F", status: "succeeded", created: 1, ended: 2, server: "https://x", cost: 1, inputs: {}, options: {}, doubts: [], flow: {}, steps, document: { tasks: models.map((model, index) => ask("abc"[index] ?? "", model)) } }) as unknown as Schemas["RunDetails"];
    const flow = { tasks: [ask("a", "x"), ask("b", "y"), ask("c", "z")] };
    const runs = [
      run(["x", "y", "z"], [item("e[0].a", "a", 1), item("e[1].a", "a", 2), item("b", "b", 4), item("c", "c")]),
      run(["x", "old", "z"], [item("a", "a", 5), item("b", "b", 100)]),
    ];
    expect(measuredSteps(flow, runs)).toEqual({ a: 4, b: 4 });
  });

  it("knows what finished runs cost", () => {
    const run = (label: string, status: string, cost: number, server = "sandbox") => ({ label, status, cost, server });
    expect(averageCost([run("A", "succeeded", 1), run("A", "succeeded", 3), run("A", "failed", 9), run("B", "succeeded", 5), run("A", "succeeded", 0, "rehearsal")], "A")).toEqual({ cost: 2, runs: 2 });
    expect(averageCost([], "A")).toBeNull();
  });
});

describe("what a run is expected to cost", () => {
  const steps = [
    { name: "a", model: "m", low: 0.1, high: 0.3 },
    { name: "b", model: "m", low: 0.2, high: null },
  ];
  const estimate = { low: 0.3, high: null, currency: "USD", steps };
  const run = afterEvent(newRun({ id: "r", label: "Run", created: 1 }), { type: "started", place: "a", step: "a", at: 1 });

  it("is the estimate of the flow, or of the step that runs alone", () => {
    expect(expectedOf(estimate, run)).toBe(estimate);
    expect(expectedOf(estimate, { ...run, prefix: "" })).toEqual({ low: 0.1, high: 0.3 });
    expect(expectedOf(null, run)).toBeNull();
  });
});

describe("the timeline", () => {
  const details = {
    id: "r", label: "Run", status: "failed", created: 10, ended: 14, connection: null, server: "sandbox", cost: 1,
    inputs: {}, options: { budget: 2 }, flow: { id: null, version: null }, doubts: [], place: "b", error: { type: "InDoubtError" },
    steps: [
      { place: "e[0].a", step: "a", state: "done", started: 10, ended: 11, action: "ask", output: "x", metadata: { cost: 0.4 } },
      { place: "e[1].a", step: "a", state: "done", started: 11, ended: 13, action: "ask", output: "y", metadata: { cost: 0.6 } },
      { place: "b", step: "b", state: "failed", started: 13, ended: 14, action: "ask", error: { type: "InDoubtError" } },
    ],
  } as unknown as Schemas["RunDetails"];

  it("has a row a step with a bar for each of its items", () => {
    const found = timelineOf(runOf(details), undefined, 0);
    expect(found.map((row) => [row.name, row.status, row.bars.length, row.time, row.cost])).toEqual([
      ["a", "done", 2, 3000, 1],
      ["b", "doubt", 1, 1000, 0],
    ]);
  });

  it("has a bar for each try of a resumed step, and the time of the last one", () => {
    const tries = [
      { state: "failed", started: 10, ended: 11, error: { type: "InDoubtError" } },
      { state: "running", started: 20, ended: 22 },
    ];
    const step = { place: "a", step: "a", state: "done", started: 90, ended: 93, earlier: tries };
    const [row] = timelineOf(runOf({ ...details, steps: [step] } as unknown as Schemas["RunDetails"]), undefined, 0);
    expect(row).toMatchObject({ status: "done", time: 3000 });
    expect(row?.bars).toEqual([
      { status: "doubt", from: 10_000, to: 11_000 },
      { status: "waiting", from: 20_000, to: 22_000 },
      { status: "done", from: 90_000, to: 93_000 },
    ]);
  });

  it("has no time of a step in doubt whose process ended, unless it was heard of", () => {
    const doubt = { place: "a", step: "a", state: "failed", started: 90, ended: 90.01, error: { type: "InDoubtError" } };
    const rowOf = (step: object) => timelineOf(runOf({ ...details, steps: [step] } as unknown as Schemas["RunDetails"]), undefined, 0)[0];
    expect(rowOf({ ...doubt, earlier: [{ state: "running", started: 20, ended: 20 }] })).toMatchObject({ status: "doubt", time: null });
    expect(rowOf({ ...doubt, earlier: [{ state: "running", started: 20, ended: 24 }] })?.time).toBeCloseTo(4010, 0);
  });

  it("lists steps that did not run, if the flow is known", () => {
    const ask = (name: string) => ({ name, type: "openRouter/v1/ask" });
    const found = timelineOf(runOf(details), { tasks: [ask("a"), ask("b"), ask("c")] }, 0);
    expect(found.at(-1)).toMatchObject({ name: "c", status: "waiting", bars: [], time: null, action: "ask" });
  });

  it("has marks at round seconds", () => {
    expect(timeTicks(4200)).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(timeTicks(112_000)).toEqual([0, 30_000, 60_000, 90_000]);
  });
});
