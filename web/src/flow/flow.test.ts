import { beforeEach, describe, expect, it } from "vitest";

import type { FlowDocument, Task } from "./document";
import { expressionOf, pathOf, pillsOf } from "./expressions";
import { useFlow } from "./store";
import { find, freshName, insert, move, remove, rename, replace, stepsOf, withFreshNames } from "./tree";

const ask = (name: string, userPrompt = ""): Task => ({
  name,
  type: "openRouter/v1/ask",
  parameters: { userPrompt },
});
const flow: FlowDocument = {
  tasks: [
    ask("a"),
    { name: "e", type: "each/v1", parameters: { items: "${a}", iteratee: [ask("b", "${e.item} ${a.b}")] } },
    {
      name: "c",
      type: "condition/v1",
      parameters: { rawExpression: true, expression: "a.size > 1", caseTrue: [ask("d")], caseFalse: [] },
    },
  ],
};
const names = (given: FlowDocument): string[] => stepsOf(given).map((step) => step.task.name);

describe("the steps of a flow", () => {
  it("are listed with their containers", () => {
    expect(names(flow)).toEqual(["a", "e", "b", "c", "d"]);
    expect(find(flow, "b")?.place).toEqual({ container: "e", slot: "iteratee", index: 0 });
  });

  it("of one name are told apart, and changed one at a time", () => {
    const twice: FlowDocument = { tasks: [ask("a", "one"), ask("b", "${a}"), ask("a", "two")] };
    expect(stepsOf(twice).map((step) => step.ref)).toEqual(["a", "b", "a#2"]);
    expect(find(twice, "a#2")?.task.parameters?.userPrompt).toBe("two");
    expect(names(remove(twice, new Set(["a#2"])))).toEqual(["a", "b"]);
    const renamed = rename(twice, "a#2", "c");
    expect(names(renamed)).toEqual(["a", "b", "c"]);
    expect(find(renamed, "b")?.task.parameters?.userPrompt).toBe("${a}");
    expect(names(move(twice, ["a#2"], { index: 0 }))).toEqual(["a", "a", "b"]);
    expect(find(replace(twice, "a", (task) => ({ ...task, label: "A" })), "a#2")?.task.label).toBeUndefined();
  });

  it("are added into a list of a container", () => {
    const more = insert(flow, [ask("x")], { container: "c", slot: "caseFalse", index: 0 });
    expect(find(more, "x")?.around).toEqual(["c"]);
    expect(names(flow)).not.toContain("x");
  });

  it("are moved between lists, and never into themselves", () => {
    const moved = move(flow, ["a"], { container: "c", slot: "caseTrue", index: 1 });
    expect(names(moved)).toEqual(["e", "b", "c", "d", "a"]);
    expect(move(flow, ["e"], { container: "e", slot: "iteratee", index: 0 })).toBe(flow);
    expect(names(move(flow, ["a"], { index: 2 }))).toEqual(["e", "b", "a", "c", "d"]);
  });

  it("are removed with what they hold", () => {
    expect(names(remove(flow, new Set(["e", "d"])))).toEqual(["a", "c"]);
  });

  it("are renamed with all that reads them", () => {
    const renamed = rename(flow, "a", "first");
    expect(find(renamed, "e")?.task.parameters?.items).toBe("${first}");
    expect(find(renamed, "b")?.task.parameters?.userPrompt).toBe("${e.item} ${first.b}");
    expect(find(renamed, "c")?.task.parameters?.expression).toBe("first.size > 1");
    expect(rename({ tasks: [ask("x", "${x.a} ${metadata.a.cost} 'a' a")] }, "a", "z").tasks[0]?.parameters).toEqual({
      userPrompt: "${x.a} ${metadata.z.cost} 'a' a",
    });
  });

  it("get new names when they are pasted twice", () => {
    const [pasted, second] = withFreshNames(flow, [ask("a"), ask("y", "${a}")]);
    expect(pasted?.name).toBe("a_1");
    expect(second?.parameters?.userPrompt).toBe("${a_1}");
    expect(freshName(["ask_1"], "ask_1")).toBe("ask_2");
  });
});

describe("pills", () => {
  it("are found, also with braces and quotes inside", () => {
    const text = "Hi ${a.b['}']} and ${ {1, 2} } ${open";
    expect(pillsOf(text).map((pill) => pill.expression)).toEqual(["a.b['}']", " {1, 2} "]);
  });

  it("have a path if they are plain", () => {
    expect(pathOf("ask_1.items[0]['x y']")).toEqual(["ask_1", ".items[0]['x y']"]);
    expect(pathOf("size(ask_1)")).toBeUndefined();
    expect(expressionOf("a", ["b", 0, "it's"])).toBe("a.b[0]['it''s']");
  });
});

describe("undo", () => {
  beforeEach(() => useFlow.getState().open(flow, null, null));
  const type = (text: string, group?: string): void =>
    useFlow.getState().edit("Change prompt", (one) => ({ ...one, label: text }), group);

  it("takes back keystrokes of one field together, and redoes them", () => {
    type("H", "label");
    type("Hi", "label");
    type("Other");
    expect(useFlow.getState().undo()).toBe("Change prompt");
    expect(useFlow.getState().flow.label).toBe("Hi");
    useFlow.getState().undo();
    expect(useFlow.getState().flow).toBe(flow);
    useFlow.getState().redo();
    useFlow.getState().redo();
    expect(useFlow.getState().flow.label).toBe("Other");
    expect(useFlow.getState().redo()).toBeUndefined();
  });

  it("forgets what could be redone when something else is changed", () => {
    type("one");
    useFlow.getState().undo();
    type("two");
    expect(useFlow.getState().future).toEqual([]);
  });
});
