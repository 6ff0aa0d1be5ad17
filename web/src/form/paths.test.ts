import { expect, it } from "vitest";

import type { Property } from "../api/component";
import { freshLabel } from "../flow/document";
import { labelAt, undoGroup } from "./paths";

const field = (name: string, label: string, more: Partial<Property> = {}): Property => ({ name, label, type: "ANY", controlType: "TEXT", ...more });

it("names a field as the form shows it", () => {
  const item = field("", "Message", { properties: [field("content", "Text")] });
  const properties = [field("userPrompt", "Prompt"), field("messages", "Messages", { items: item }), field("inputs", "Inputs", { items: field("", "") })];
  expect(labelAt(properties, "userPrompt")).toBe("Prompt");
  expect(labelAt(properties, "messages[0].content")).toBe("Text");
  expect(labelAt(properties, "messages[0]")).toBe("Message");
  expect(labelAt(properties, "inputs[2]")).toBe("Inputs");
  expect(labelAt(properties, "unknown.key")).toBe("key");
});

it("numbers new flows by the first number that is free", () => {
  expect(freshLabel("Untitled Flow", [])).toBe("Untitled Flow");
  expect(freshLabel("Untitled Flow", ["Untitled Flow", "Untitled Flow 3"])).toBe("Untitled Flow 2");
});

it("undoes what is typed into one field together, and each item of a list alone", () => {
  const values = { prompt: "Hi", messages: [{ text: "a" }, { text: "b" }], cases: [{ key: "x", tasks: [] }] };
  expect(undoGroup(values, "prompt", "Hi!", "ask.")).toBe("ask.prompt");
  expect(undoGroup(values, "prompt", undefined, "ask.")).toBe("ask.prompt");
  expect(undoGroup(values, "messages[1].text", "b!", "ask.")).toBe("ask.messages[1].text");
  expect(undoGroup(values, "messages", [{ text: "a" }], "ask.")).toBeUndefined();
  expect(undoGroup(values, "messages", [...values.messages, {}], "ask.")).toBeUndefined();
  expect(undoGroup(values, "cases[0]", undefined, "ask.")).toBeUndefined();
  expect(undoGroup(values, "unset", [], "ask.")).toBeUndefined();
  const schema = { responseSchema: '{"properties": {"a": {}}}' };
  expect(undoGroup(schema, "responseSchema", '{"properties": {"a": {}, "b": {}}}', "ask.")).toBeUndefined();
  expect(undoGroup(schema, "responseSchema", '{"properties": {"ab": {}}}', "ask.")).toBe("ask.responseSchema");
});
