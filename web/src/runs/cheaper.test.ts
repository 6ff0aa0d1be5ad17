import { describe, expect, it } from "vitest";

import type { Model } from "../form/models/models";
import { candidates, fitting, type ModelCheck } from "./cheaper";

const model = (id: string, input?: number, output?: number): Model => ({ id, name: id, input, output, context: undefined, price: "", accepts: [], parameters: [], about: "" });
const check = (high: number | null, more: Partial<ModelCheck> = {}): ModelCheck =>
  ({ ok: true, warnings: [], estimate: { low: 0.1, high }, ...more }) as ModelCheck;

describe("cheaper models", () => {
  it("are those with no higher price for words in and words out, the cheapest first", () => {
    const models = [model("now", 1, 4), model("half", 0.5, 2), model("free", 0, 0), model("dear", 0.1, 9), model("same", 1, 4), model("unknown")];
    expect(candidates(models, "now")).toEqual(["free", "half"]);
    expect(candidates(models, "not listed")).toEqual([]);
  });

  it("fit if the check finds nothing that it does not find with the present model", () => {
    const found = fitting(check(2), [
      { model: "half", check: check(1) },
      { model: "refused", check: check(0.5, { ok: false }) },
      { model: "lacks", check: check(0.5, { warnings: ["does not support seed"] }) },
      { model: "free", check: check(0) },
      { model: "dearer", check: check(3) },
      { model: "not known", check: undefined },
    ]);
    expect(found).toEqual([{ model: "free", part: 0 }, { model: "half", part: 0.5 }]);
  });

  it("are none as long as the cost of the present one is not known", () => {
    expect(fitting(undefined, [{ model: "a", check: check(1) }])).toEqual([]);
    expect(fitting(check(null, { estimate: null }), [{ model: "a", check: check(1) }])).toEqual([]);
  });
});
