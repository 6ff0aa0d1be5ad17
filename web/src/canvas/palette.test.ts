import { expect, it } from "vitest";

import type { Action } from "../api/component";
import { fitOf } from "./palette";

const action = (title: string, keywords: string[], description = ""): Action => ({ name: title, title, keywords, description, group: "Audio" }) as unknown as Action;

it("finds an action by its title first, then by its keywords, then by its description", () => {
  const speech = action("Create Speech", ["tts", "read aloud"], "Convert text to speech.");
  expect(fitOf(speech, "create")).toBeGreaterThan(fitOf(speech, "tts"));
  expect(fitOf(speech, "read al")).toBeGreaterThan(fitOf(speech, "convert"));
  expect(fitOf(speech, "convert text")).toBeGreaterThan(0);
  expect(fitOf(speech, "draw")).toBe(0);
  expect(fitOf(action("Count", []), "tts")).toBe(0);
});

it("finds a word of flows by its exact title before an action that merely mentions it", () => {
  const classifications = action("Get Task Classifications", ["each day"]);
  expect(fitOf("each", "each")).toBeGreaterThan(fitOf(classifications, "each"));
  expect(fitOf("condition", "if")).toBeGreaterThan(fitOf(classifications, "if"));
});
