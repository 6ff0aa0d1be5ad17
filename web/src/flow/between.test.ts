import { describe, expect, it } from "vitest";

import type { Action, Property } from "../api/component";
import { insertedBetween, type Known } from "./between";
import type { FlowDocument, Task } from "./document";
import { reading, shifted } from "./edits";
import { find, stepsOf } from "./tree";

const property = (name: string, type: string, more: Partial<Property> = {}): Property => ({ name, label: name, type, controlType: "TEXT", ...more });
const files = (name: string, more: Partial<Property> = {}): Property => property(name, "ARRAY", { items: property("", "FILE_ENTRY"), ...more });
const action = (name: string, main: string, output: string, ...properties: Property[]): Action =>
  ({ name, type: `openRouter/v1/${name}`, main, properties, output: { type: output }, defaults: {} }) as unknown as Action;
const actions = [
  action("ask", "userPrompt", "STRING", property("userPrompt", "STRING"), files("attachments", { displayCondition: "format == 'SIMPLE'" }), files("others", { displayCondition: "format == 'ADVANCED'" })),
  action("createImage", "prompt", "FILE_ENTRY", property("prompt", "STRING")),
  action("vision", "prompt", "STRING", files("imageUrls", { required: true }), property("prompt", "STRING")),
];
const actionOf = (task: Task): Action | undefined => actions.find((one) => one.type === task.type);
const step = (name: string, parameters: Task["parameters"]): Task => ({ name, type: `openRouter/v1/${name.replace(/_\d+$/, "")}`, parameters: parameters ?? {} });
const known = (kind: "text" | "file"): Known => ({ actionOf, kindOf: () => kind });
const parametersOf = (flow: FlowDocument, name: string): unknown => find(flow, name)?.task.parameters;

describe("a step that is put onto an edge", () => {
  const flow: FlowDocument = { tasks: [step("ask_1", {}), step("ask_2", { userPrompt: "On ${ask_1.title}, and ${ask_1}" })], outputs: [{ name: "text", value: "${ask_1}" }] };
  const edge = [{ reader: "ask_2", name: "ask_1", property: "userPrompt" }];

  it("reads what the edge carries, and its reader reads the step", () => {
    const made = insertedBetween(flow, step("ask_3", {}), { index: 1 }, edge, known("text"));
    expect(stepsOf(made).map(({ task }) => task.name)).toEqual(["ask_1", "ask_3", "ask_2"]);
    expect(parametersOf(made, "ask_3")).toEqual({ userPrompt: "${ask_1.title}" });
    expect(parametersOf(made, "ask_2")).toEqual({ userPrompt: "On ${ask_3}, and ${ask_1}" });
  });

  it("leaves the reader alone where its result does not fit", () => {
    const made = insertedBetween(flow, step("createImage_1", {}), { index: 1 }, edge, known("text"));
    expect(parametersOf(made, "createImage_1")).toEqual({ prompt: "${ask_1.title}" });
    expect(parametersOf(made, "ask_2")).toEqual(parametersOf(flow, "ask_2"));
  });

  it("is returned by an output of the flow", () => {
    const made = insertedBetween(flow, step("ask_3", {}), { index: 2 }, [{ reader: "output:text", name: "ask_1", property: "value" }], known("text"));
    expect(made.outputs).toEqual([{ name: "text", value: "${ask_3}" }]);
  });
});

describe("a file", () => {
  const read = (name: string, parameters: Task["parameters"]): unknown => {
    const task = step(name, parameters);
    return reading(task, actionOf(task), "createImage_1", "file").parameters;
  };

  it("goes into the field that takes files, also a list of them", () => {
    expect(read("vision_1", {})).toEqual({ imageUrls: ["${createImage_1}"] });
    expect(read("ask_1", { format: "SIMPLE" })).toEqual({ format: "SIMPLE", attachments: ["${createImage_1}"] });
    expect(read("createImage_2", {})).toEqual({});
  });

  it("goes into no field that is hidden", () => {
    expect(read("ask_1", { format: "ADVANCED" })).toEqual({ format: "ADVANCED", others: ["${createImage_1}"] });
  });
});

describe("a step that is moved by one place", () => {
  const flow: FlowDocument = {
    tasks: [{ name: "fork", type: "fork-join/v1", parameters: { branches: [[step("ask_1", {}), step("ask_2", {})], [step("ask_3", {})]] } }],
  };
  const branches = (one: FlowDocument): string[][] => (one.tasks[0]?.parameters?.branches as unknown as Task[][]).map((list) => list.map((task) => task.name));

  it("changes places in its list, and stays at the ends of it", () => {
    expect(branches(shifted(flow, "ask_1", "down"))).toEqual([["ask_2", "ask_1"], ["ask_3"]]);
    expect(branches(shifted(flow, "ask_2", "up"))).toEqual([["ask_2", "ask_1"], ["ask_3"]]);
    expect(shifted(flow, "ask_1", "up")).toBe(flow);
    expect(shifted(flow, "ask_2", "down")).toBe(flow);
  });

  it("goes into the list beside its own", () => {
    expect(branches(shifted(flow, "ask_2", "right"))).toEqual([["ask_1"], ["ask_3", "ask_2"]]);
    expect(shifted(flow, "ask_3", "right")).toBe(flow);
  });
});
