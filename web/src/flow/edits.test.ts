import { describe, expect, it } from "vitest";

import type { Property } from "../api/component";
import type { FlowDocument, Task } from "./document";
import { connect, deleted, disconnected, grouped, indexAt, newTask, reading, tasksOfText, ungrouped, withPill } from "./edits";
import { find, stepsOf } from "./tree";

const ask = (name: string, userPrompt = ""): Task => ({ name, type: "openRouter/v1/ask", parameters: { userPrompt } });
const flow = (...tasks: Task[]): FlowDocument => ({ tasks });
const names = (given: FlowDocument): string[] => stepsOf(given).map((step) => step.task.name);
const prompt: Property = { name: "userPrompt", label: "Prompt", type: "STRING", controlType: "TEXT_AREA" };

describe("a pill", () => {
  it("is added where its value fits", () => {
    expect(withPill(prompt, "Draw", "${a}", "text")).toBe("Draw ${a}");
    expect(withPill(prompt, "", "${a}", "file")).toBeUndefined();
    const file: Property = { name: "f", label: "F", type: "FILE_ENTRY", controlType: "FILE_ENTRY" };
    expect(withPill({ ...file, type: "ARRAY", items: file }, [], "${a}", "file")).toEqual(["${a}"]);
    const messages: Property = { name: "m", label: "M", type: "ARRAY", controlType: "ARRAY_BUILDER", items: { ...file, type: "OBJECT", properties: [prompt] } };
    expect(withPill(messages, undefined, "${a}", "text")).toEqual([{ userPrompt: "${a}" }]);
  });

  it("makes its step run after the one that it reads", () => {
    const joined = connect(flow(ask("b"), ask("a")), "a", "b", prompt, "a.title", "text");
    expect(names(joined)).toEqual(["a", "b"]);
    expect(find(joined, "b")?.task.parameters?.userPrompt).toBe("${a.title}");
  });

  it("is taken out with what is left of its text", () => {
    const parted = disconnected(flow(ask("a"), ask("b", "On ${a.x} and ${c}")), "b", "a");
    expect(find(parted, "b")?.task.parameters?.userPrompt).toBe("On  and ${c}");
  });
});

describe("a new container", () => {
  it("has no list of items yet, so that the check asks for one, and takes that of the step before", () => {
    const made = newTask(flow(), "each", "Each");
    expect(made.parameters).not.toHaveProperty("items");
    expect(reading(made, undefined, "a.scenes", "list").parameters?.items).toBe("${a.scenes}");
  });
});

describe("steps", () => {
  it("that only passed a value on are passed over when they are deleted", () => {
    const rest = deleted(flow(ask("a"), ask("b", "Shorten ${a.text}"), ask("c", "Say ${b} ${b.x}")), ["b"], () => "userPrompt");
    expect(names(rest)).toEqual(["a", "c"]);
    expect(find(rest, "c")?.task.parameters?.userPrompt).toBe("Say ${a.text} ${b.x}");
  });

  it("are put into a container, and taken out of it", () => {
    const made = grouped(flow(ask("a"), ask("b"), ask("c")), ["b", "c"], "each", "Each");
    expect(made && names(made.flow)).toEqual(["a", "each_1", "b", "c"]);
    expect(made && names(ungrouped(made.flow, "each_1"))).toEqual(["a", "b", "c"]);
  });

  it("stay behind what they read when they are moved up", () => {
    const given = flow(ask("a"), ask("b", "${a}"), ask("c"), ask("d", "${b}"));
    expect(indexAt(given, "b", new Set())).toEqual({ index: 1 });
    expect(indexAt(given, "c", new Set())).toEqual({ index: 0 });
    expect(indexAt(given, "b", new Set(["a", "c", "d"]))).toEqual({ index: 3 });
  });
});

it("reads steps from a text, and nothing else", () => {
  expect(tasksOfText(JSON.stringify(flow(ask("a"))))?.length).toBe(1);
  for (const odd of ["curl https://x", '{"nodes": []}', "[]", "7", '{"tasks": [{"name": 1}]}']) expect(tasksOfText(odd)).toBeUndefined();
});
