import { describe, expect, it } from "vitest";

import { changed, newRow, rowsOf, schemaOf } from "./rows";

const scenes = {
  type: "object",
  properties: {
    title: { type: "string", description: "Short", maxLength: 80 },
    scenes: {
      type: "array",
      minItems: 3,
      items: {
        type: "object",
        properties: { heading: { type: "string" } },
        required: ["heading"],
        additionalProperties: false,
      },
    },
    odd: { anyOf: [{ type: "string" }, { type: "null" }] },
  },
  required: ["title", "odd"],
  additionalProperties: false,
};

describe("a schema as rows", () => {
  it("comes back as it was, with the words that no row shows", () => {
    const rows = rowsOf(scenes);
    expect(rows?.map((row) => row.kind)).toEqual(["text", "list of objects", "other"]);
    expect(schemaOf(rows ?? [], scenes)).toEqual(scenes);
  });

  it("changes a nested row", () => {
    const rows = changed(rowsOf(scenes) ?? [], [1], (inside) => [...inside, { ...newRow("drawing"), kind: "number", isRequired: false }]);
    const schema = schemaOf(rows, scenes);
    expect(schema).toMatchObject({
      properties: { scenes: { minItems: 3, items: { properties: { drawing: { type: "number" } }, required: ["heading"] } } },
    });
  });

  it("forgets the words of another kind", () => {
    const [title, ...rest] = rowsOf(scenes) ?? [];
    const schema = schemaOf([{ ...(title ?? newRow("x")), kind: "yes or no" }, ...rest], scenes);
    expect(schema).toMatchObject({ properties: { title: { type: "boolean", description: "Short" } } });
    expect(JSON.stringify(schema)).not.toContain("maxLength");
  });

  it("is refused where it has no fields", () => {
    expect(rowsOf({ type: "array" })).toBeUndefined();
    expect(rowsOf("text")).toBeUndefined();
    expect(rowsOf({ $ref: "#/x" })).toBeUndefined();
    expect(rowsOf(undefined)).toEqual([]);
    expect(rowsOf({ type: "object" })).toEqual([]);
  });
});
