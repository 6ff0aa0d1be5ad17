import { expect, it } from "vitest";

import { readsOf } from "./reads";

const known = new Set(["ask_1", "topic", "each_1"]);
const reads = (parameters: Record<string, never> | object, type = "openRouter/v1/ask"): string[] =>
  readsOf({ name: "x", type, parameters: parameters as never }, known).map((one) => `${one.property}: ${one.name} ${one.field}`);

it("finds what a step reads in pills, formulas and conditions", () => {
  expect(reads({ userPrompt: "On ${topic} and ${ask_1.items[0].title}", model: "ask_1" })).toEqual([
    "userPrompt: topic ",
    "userPrompt: ask_1 items",
  ]);
  expect(reads({ value: "=ask_1.size() + 'topic'" })).toEqual(["value: ask_1 "]);
  expect(reads({ value: "${metadata.ask_1.cost} ${ask_1['odd name']}" })).toEqual([
    "value: ask_1 cost",
    "value: ask_1 odd name",
  ]);
  expect(reads({ rawExpression: true, expression: "size(ask_1.text) > 1" }, "condition/v1")).toEqual(["expression: ask_1 text"]);
});

it("names a read once, however often the text has it", () => {
  expect(reads({ userPrompt: "${topic} ${topic} ${ask_1.a} ${ask_1.a + 1}", model: "${topic}" })).toEqual([
    "userPrompt: topic ",
    "userPrompt: ask_1 a",
    "model: topic ",
  ]);
});

it("leaves out what only the steps inside read", () => {
  const inner = { name: "y", type: "openRouter/v1/ask", parameters: { userPrompt: "${topic}" } };
  expect(reads({ items: "${ask_1.list}", iteratee: [inner] }, "each/v1")).toEqual(["items: ask_1 list"]);
});
