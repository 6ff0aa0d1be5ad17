import { expect, it } from "vitest";

import { isMarked, leave, useLeft } from "./left";

const marked = (path: string, message = "is missing (Model)"): boolean => isMarked({ path, message }, "ask_1", useLeft.getState().places);

it("marks a missing value when its field was left, and anything else at once", () => {
  expect([marked("model"), marked("model", "does not exist")]).toEqual([false, true]);
  leave("ask_1", "messages");
  expect([marked("messages[0].content"), marked("model"), marked("messagesToo")]).toEqual([true, false, false]);
  leave("ask_1");
  expect(marked("model")).toBe(true);
});
