import { describe, expect, it } from "vitest";

import type { FlowDocument, Task } from "../flow/document";
import { adviceOf } from "./advice";
import { readInputs, typedOf } from "./inputs";
import { keptBefore } from "./onward";
import { onePlaceOf } from "./place";
import { doubtHelp, progressOf, segmentsOf } from "./progress";
import { withoutFaults } from "./rehearsal";
import { afterEvent, newRun, type RunEvent, type RunState } from "./state";

const ask = (name: string, model = "made/chat"): Task => ({ name, type: "openRouter/v1/ask", parameters: { model } });
const flow: FlowDocument = {
  label: "Story",
  tasks: [
    ask("a"),
    { name: "c", type: "condition/v1", parameters: { caseTrue: [ask("yes")], caseFalse: [ask("no")] } },
    { name: "e", type: "each/v1", parameters: { items: [], iteratee: [ask("b")] } },
  ],
};
const told = (...events: RunEvent[]): RunState => events.reduce((run, event) => afterEvent(run, event), newRun({ id: "r", label: "Run", created: 1 }));
const result = (place: string, step: string): RunEvent => ({ type: "result", place, step, output: 1, at: 2 });

describe("the segments of a run", () => {
  it("are one a step, with what the condition did not choose", () => {
    const run = told(result("a", "a"), { type: "chosen", place: "c", step: "c", slot: "caseTrue", at: 2 });
    expect(segmentsOf(flow, run).map((one) => [one.name, one.status])).toEqual([
      ["a", "done"],
      ["yes", "waiting"],
      ["no", "skipped"],
      ["b", "waiting"],
    ]);
    expect(progressOf(segmentsOf(flow, run))).toEqual({ finished: 2, total: 4, failed: 0 });
  });

  it("sum up the items of a container, and the worst is shown", () => {
    const run = told(result("e[0].b", "b"), { type: "started", place: "e[1].b", step: "b", at: 2 });
    expect(segmentsOf(flow, run).at(-1)).toMatchObject({ status: "running", part: 0.5 });
    const failed = told(result("e[0].b", "b"), { type: "failed", place: "e[1].b", step: "b", error: { type: "X" }, at: 3 });
    expect(segmentsOf(flow, failed).at(-1)?.status).toBe("failed");
  });
});

describe("advice after a failure", () => {
  it("says what happened, whether it was billed, and what helps", () => {
    expect(adviceOf({ type: "RateLimitedError", status: 429, attempts: 4, retryAfter: 18, message: "Slow down" })).toEqual({
      title: "The provider limits requests",
      detail: "Slow down.",
      billing: "Retried 3 times. Nothing was billed for this request.",
      remedies: ["resume", "model", "step"],
      retryAfter: 18,
      status: 429,
    });
    expect(adviceOf({ type: "PaymentError" }).remedies[0]).toBe("credits");
    expect(adviceOf({ type: "InDoubtError" }).billing).toContain("may have been billed");
    expect(adviceOf({ type: "ApiError", status: 500 }).billing).toContain("may have been billed");
    expect(adviceOf({ type: "NewError" }).title).toBe("The step failed");
  });
});

describe("the inputs of a run", () => {
  const inputs = [
    { name: "topic", type: "string", required: true },
    { name: "count", type: "integer", defaultValue: 3 },
    { name: "tags", type: "array" },
    { name: "loud", type: "boolean" },
  ];

  it("are read by their type, and what is empty is not sent", () => {
    const typed = { ...typedOf(inputs, { topic: "Fog" }), tags: '["a"]', loud: false };
    expect(readInputs(inputs, typed)).toEqual({ values: { topic: "Fog", count: 3, tags: ["a"], loud: false }, problems: {} });
  });

  it("say what is wrong with them", () => {
    expect(readInputs(inputs, { count: "1.5", tags: "{}" }).problems).toEqual({
      topic: "This input is required.",
      count: "Must be a number.",
      tags: "Must be valid JSON of the right type.",
    });
  });
});

describe("a rehearsal", () => {
  it("is taken over without its faults", () => {
    const [first, ...others] = flow.tasks;
    const played = { ...flow, tasks: [ask("a", "made/chat:no-credits"), ...others] };
    expect(withoutFaults(played, ["no-credits"]).tasks).toEqual([first, ...others]);
    expect(withoutFaults(played, ["slow"])).toBe(played);
  });
});

describe("a run from a step on", () => {
  it("keeps what the steps before it returned, and names those that did not run", () => {
    const kept = keptBefore(flow, "b", { a: "x", yes: "y", b: "z" });
    expect(kept).toEqual({ missing: [], pinned: { a: "x", c: null, yes: "y" } });
    expect(keptBefore(flow, "e", {}).missing).toEqual(["a"]);
  });
});

describe("the place of a run of one step", () => {
  it("is that of the step in the open flow", () => {
    expect(onePlaceOf({ tasks: [ask("b")] }, flow, { e: 2 })).toEqual({ step: "b", prefix: "e[2]." });
    expect(onePlaceOf({ tasks: [ask("b")] }, { tasks: [ask("b")] }, {})).toBeUndefined();
    expect(onePlaceOf(flow, flow, {})).toBeUndefined();
  });
});

describe("what requests in doubt may have cost", () => {
  const inDoubt = (...doubts: RunState["doubts"]): RunState => ({ ...told(), status: "in doubt", doubts });

  it("is the sum of the likely costs, and unknown if one of them is", () => {
    expect(doubtHelp(inDoubt({ likelyCost: 0.5 }, { likelyCost: 1 }))).toContain("about $1.50");
    const help = doubtHelp(inDoubt({ likelyCost: 0.5 }, { likelyCost: null }));
    expect(help).toContain("how much is not known");
    expect(help).not.toContain("$");
    expect(doubtHelp(inDoubt())).toBe("");
  });
});
