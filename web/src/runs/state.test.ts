import { describe, expect, it } from "vitest";

import { parsed } from "../api/events";
import { afterEvent, newRun, type RunEvent, type RunState } from "./state";
import { placeOf } from "./place";

const told = (...events: RunEvent[]): RunState =>
  events.reduce((run, event) => afterEvent(run, event), newRun({ id: "r", label: "Run", created: 1 }));

describe("a run", () => {
  it("shows the text of an answer as it comes, then its output and cost", () => {
    const steps: RunEvent[] = [
      { type: "running" },
      { type: "started", place: "ask_1", step: "ask_1", action: "ask", at: 2 },
      { type: "delta", place: "ask_1", text: "Hel", at: 2.1 },
      { type: "delta", place: "ask_1", text: "lo", at: 2.2 },
    ];
    expect(told(...steps).steps.ask_1).toMatchObject({ status: "running", text: "Hello", action: "ask" });
    const run = told(
      ...steps,
      { type: "result", place: "ask_1", step: "ask_1", output: "Hello", metadata: { cost: 0.5 }, at: 3 },
      { type: "ended", status: "succeeded", cost: 0.5, outputs: { x: 1 }, at: 4 },
    );
    expect(run).toMatchObject({ status: "succeeded", cost: 0.5, ended: 4000, outputs: { x: 1 } });
    expect(run.steps.ask_1).toMatchObject({ status: "done", output: "Hello", ended: 3000 });
  });

  it("shows an image that is not finished, until the step is tried again", () => {
    const preview = { extension: "png", mimeType: "image/png", name: "preview.png", url: "/api/files/preview" };
    const steps: RunEvent[] = [
      { type: "started", place: "a", step: "a", at: 1 },
      { type: "progress", place: "a", done: 1, unit: "previews", preview, at: 2 },
    ];
    expect(told(...steps).steps.a).toMatchObject({ status: "running", preview });
    expect(told(...steps, { type: "retry", place: "a", tries: 1, at: 3 }).steps.a?.preview).toBeUndefined();
  });

  it("says where it failed, and what is in doubt", () => {
    const run = told(
      { type: "started", place: "a", step: "a", at: 1 },
      { type: "failed", place: "a", step: "a", error: { type: "InDoubtError" }, at: 2 },
      { type: "ended", status: "in doubt", place: "a", doubts: [{ place: "a" }], error: { type: "InDoubtError" }, at: 2 },
    );
    expect(run).toMatchObject({ status: "in doubt", place: "a", doubts: [{ place: "a" }] });
    expect(run.steps.a?.status).toBe("doubt");
  });

  it("counts what it cost once, also when a step is performed again", () => {
    const result: RunEvent = { type: "result", place: "a", step: "a", output: 1, metadata: { cost: 2 }, at: 2 };
    expect(told(result, result).cost).toBe(2);
  });
});

it("reads server-sent events", () => {
  expect(parsed('id: 7\nevent: delta\ndata: {"text": "x"}')).toEqual({ id: "7", type: "delta", data: { text: "x" } });
  expect(parsed(": ping")).toBeUndefined();
});

it("finds the place of a step in the item that is shown", () => {
  const around = [
    { name: "each_1", repeats: true },
    { name: "condition_1", repeats: false },
    { name: "each_2", repeats: true },
  ];
  expect(placeOf("ask_1", around, { each_1: 2, "each_1[2].condition_1.each_2": 1 })).toBe(
    "each_1[2].condition_1.each_2[1].ask_1",
  );
});
