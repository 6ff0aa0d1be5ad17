import { describe, expect, it } from "vitest";

import type { Property } from "../api/component";
import type { FlowDocument } from "../flow/document";
import { modelOf } from "./models/models";
import { isCertain, isDynamic, withStandIns } from "./dynamic";
import { ordered } from "./order";
import { inner, keysOf, valueAt, withValue } from "./paths";
import { beginning, openPill, segmentsOf } from "./pills/segments";
import { readableBy, reads } from "./pills/readable";
import { shown } from "./problems";

const field = (name: string, more: Partial<Property> = {}): Property => ({
  name, label: name, type: "STRING", controlType: "TEXT", ...more,
});

describe("paths", () => {
  it("name keys, items and odd keys", () => {
    expect(keysOf("messages[0].role")).toEqual(["messages", 0, "role"]);
    expect(inner("bias", "a.b")).toBe("bias['a.b']");
    expect(keysOf("bias['a.b']")).toEqual(["bias", "a.b"]);
  });

  it("change one value and keep the order of keys", () => {
    const values = { a: { x: 1 }, b: [1, 2, 3] };
    expect(valueAt(values, "b[1]")).toBe(2);
    expect(withValue(values, "b[1]", undefined)).toEqual({ a: { x: 1 }, b: [1, 3] });
    expect(Object.keys(withValue(values, "a.x", 2))).toEqual(["a", "b"]);
    expect(withValue({}, "r.f[0].x", false)).toEqual({ r: { f: [{ x: false }] } });
    expect(withValue(values, "a.x", undefined)).toEqual({ a: {}, b: [1, 2, 3] });
  });
});

describe("values that the flow fills", () => {
  it("are pills and formulas, and no texts that look a little like them", () => {
    expect(["${a}", "x ${a.b}", "=a + 1"].map(isDynamic)).toEqual([true, true, true]);
    expect(["", "= ", "== Title", "$5 {x}", "${open"].map(isDynamic)).toEqual([false, false, false, false, false]);
  });

  it("are replaced by what the field accepts, and nothing is said of them", () => {
    const properties = [
      field("n", { type: "NUMBER", minValue: 2 }),
      field("s", { options: [{ label: "A", value: "a" }] }),
      field("files", { type: "ARRAY", items: field("", { type: "FILE_ENTRY" }) }),
    ];
    const { values, dynamic } = withStandIns(properties, { n: "${x}", s: "=y + 1", files: ["${f}"], k: { z: "${a}" } });
    expect(values).toEqual({ n: 2, s: "a", files: [], k: { z: "${a}" } });
    expect(dynamic).toEqual(["n", "s", "files[0]", "k.z"]);
    expect(isCertain("files", dynamic)).toBe(false);
    expect(isCertain("model", dynamic)).toBe(true);
  });
});

it("orders required, common and advanced fields, and counts what is set", () => {
  const properties = [
    field("filter", { mirrors: "x", required: true }),
    field("common"),
    field("deep", { advancedOption: true }),
    field("model", { required: true }),
    field("hidden"),
  ];
  const view = { visible: new Set(["filter", "common", "model"]), disabled: { deep: "not supported" } };
  const found = ordered(properties, { deep: 0, typo: 1 }, view);
  expect(found.common.map((one) => one.name)).toEqual(["model", "common", "filter"]);
  expect(found).toMatchObject({ advanced: [{ name: "deep" }], set: 1, unknown: ["typo"] });
});

it("says what is wrong with a value, with the way out", () => {
  const temperature = field("temperature", { minValue: 0, maxValue: 2 });
  expect(shown({ path: "t", message: "2.4 is more than 2" }, temperature)).toEqual({
    text: "Must be 0 to 2.", fix: { label: "Set to 2", value: 2 },
  });
  expect(shown({ path: "t", message: "does not exist; did you mean 'userPrompt'?" }, undefined).fix).toMatchObject({ to: "userPrompt" });
  expect(shown({ path: "t", message: "'x' is not one of low, high; did you mean 'low'?" }, undefined).fix?.value).toBe("low");
  expect(shown({ path: "t", message: "sandbox/echo does not support it" }, undefined).text).toBe("sandbox/echo does not support it.");
  expect(shown({ path: "t", message: "has no field" }, undefined).text).toBe("Has no field.");
  expect(shown({ path: "t", message: "is missing (Prompt)" }, undefined).fix).toBeUndefined();
});

describe("pills", () => {
  it("are cut out of a text and put together again", () => {
    const text = "A ${a.b} of ${c}";
    const segments = segmentsOf(text);
    expect(segments).toEqual([{ text: "A " }, { pill: "a.b" }, { text: " of " }, { pill: "c" }]);
    expect(segments.map((one) => ("pill" in one ? `\${${one.pill}}` : one.text)).join("")).toBe(text);
  });

  it("stay whole where only the beginning of a text is shown", () => {
    expect(beginning("A ${a.b} of ${c}", 4)).toEqual([{ text: "A " }, { pill: "a.b" }]);
    expect(beginning("A ${a.b} of ${c}", 10)).toEqual([{ text: "A " }, { pill: "a.b" }, { text: " o" }]);
    expect(beginning("short", 10)).toEqual([{ text: "short" }]);
    expect(beginning("", 10)).toEqual([]);
  });

  it("are offered while one is begun", () => {
    expect(openPill("Hi ${as", 7)).toEqual({ start: 3, query: "as" });
    expect(openPill("Hi ${as}", 7)).toBeUndefined();
    expect(openPill("Hi", 2)).toBeUndefined();
  });
});

describe("what a step can read", () => {
  const ask = (name: string) => ({ name, type: "openRouter/v1/ask", parameters: {} });
  const flow: FlowDocument = {
    inputs: [{ name: "topic", type: "string" }],
    tasks: [
      ask("first"),
      { name: "e", type: "each/v1", parameters: { items: "${first.list}", iteratee: [ask("in1"), ask("in2")] } },
      { name: "p", type: "parallel/v1", parameters: { tasks: [ask("p1"), ask("p2")] } },
      ask("last"),
    ],
  };
  const list = { type: "array", items: { type: "object", properties: { title: { type: "string" } } } };
  const outputs = { first: { type: "object", properties: { list } }, in1: { type: "string" }, p1: {}, e: { type: "null" } };
  const names = (step: string): string[] => readableBy(flow, step, outputs).map((one) => one.expression);

  it("are inputs, then the nearest steps, then the fields of each", () => {
    expect(names("in2")).toEqual([
      "topic", "in1", "e.item", "e.item.title", "e.index", "first", "first.list", "first.list[0]", "first.list[0].title",
    ]);
  });

  it("are no steps that run many times or at the same time", () => {
    expect(names("p2")).not.toContain("p1");
    expect(names("last")).toContain("p1");
    expect(names("last")).not.toContain("in1");
    expect(reads(flow, "last", "p1")).toBe(true);
    expect(reads(flow, "last", "in1")).toBe(false);
    expect(reads(flow, "last", "topic")).toBe(true);
  });
});

describe("the price of a model", () => {
  const none = { usd: 0, per: "million tokens" };
  const model = (description: string): ReturnType<typeof modelOf> =>
    modelOf({ label: "M", value: "m", description, details: { prices: { prompt: none, completion: none } } });

  it("is free only if the list says so: models that are paid by the image list zeros too", () => {
    expect(model("free · 33k context")).toMatchObject({ input: 0, output: 0 });
    expect(model("price not listed · 4k context").input).toBeUndefined();
  });
});
