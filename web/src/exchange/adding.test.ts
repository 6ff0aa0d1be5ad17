import { expect, it } from "vitest";

import type { FlowDocument, Task } from "../flow/document";
import { stepsOf } from "../flow/tree";
import { added, numbered } from "./adding";
import { choicesOf, openChoices } from "./choices";

const ask = (name: string, userPrompt = ""): Task => ({ name, type: "openRouter/v1/ask", parameters: { userPrompt } });

it("adds steps and inputs behind those of the open flow, under names that are free", () => {
  const flow: FlowDocument = { label: "Mine", inputs: [{ name: "topic" }], tasks: [ask("ask_1"), ask("lang")] };
  const other: FlowDocument = {
    label: "Theirs",
    inputs: [{ name: "topic" }, { name: "lang" }],
    tasks: [ask("ask_1", "${topic} in ${lang}"), ask("ask_2", "${ask_1}")],
  };
  const result = added(flow, other);
  expect(result.label).toBe("Mine");
  expect(stepsOf(result).map(({ task }) => task.name)).toEqual(["ask_1", "lang", "ask_3", "ask_2"]);
  expect(result.inputs?.map((input) => input.name)).toEqual(["topic", "lang_1"]);
  expect(result.tasks[2]?.parameters?.userPrompt).toBe("${topic} in ${lang_1}");
  expect(result.tasks[3]?.parameters?.userPrompt).toBe("${ask_3}");
});

it("becomes the other flow if the open one is empty and has no name", () => {
  const other: FlowDocument = { label: "Theirs", outputs: [{ name: "text", value: "${ask_1}" }], tasks: [ask("ask_1")] };
  expect(added({ label: "Untitled Flow 2", tasks: [] }, other)).toEqual(other);
  expect(added({ label: "Mine", tasks: [] }, other).label).toBe("Mine");
  expect(added({ label: "Untitled Flow", tasks: [ask("a")] }, other).label).toBe("Untitled Flow");
});

it("numbers the entries of a report, and finds their steps", () => {
  const flow: FlowDocument = { tasks: [{ name: "e", type: "each/v1", parameters: { iteratee: [ask("a")] } }] };
  const fix = (kind: string, place: string) => ({ kind, source: "", place, message: "x" });
  const found = numbered(flow, [fix("choose", "tasks[0].parameters.iteratee[0].parameters.model"), fix("new", "")]);
  expect(found.map(({ number, kind, step }) => [number, kind, step])).toEqual([[1, "choose", "a"], [2, "converted", ""]]);
});

it("keeps what is left to choose until its field was changed, under the names of the added steps", () => {
  const imported: FlowDocument = { tasks: [ask("ask_1", "old")] };
  const flow = added({ tasks: [ask("ask_1", "mine")] }, imported);
  const fixes = numbered(imported, [
    { kind: "choose", source: "", place: "tasks[0].parameters.userPrompt", message: "x" },
    { kind: "kept", source: "", place: "tasks[0].parameters.userPrompt", message: "y" },
  ]);
  const choices = choicesOf(imported, fixes, flow);
  expect(choices.map(({ step, path }) => [step, path])).toEqual([["ask_2", "userPrompt"]]);
  expect(openChoices(choices, flow)).toHaveLength(1);
  expect(openChoices(choices, { tasks: [ask("ask_1", "mine"), ask("ask_2", "new")] })).toEqual([]);
});
