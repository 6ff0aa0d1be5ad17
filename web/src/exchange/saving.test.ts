import { describe, expect, it, vi } from "vitest";

import { ApiProblem, ServerGone } from "../api/client";
import type { Property } from "../api/component";
import type { JsonObject, Task } from "../flow/document";
import { differencesOf } from "./differences";
import { draftOf, dropDraft, keepDraft, newDraftName, newDrafts, withoutKeys } from "./drafts";
import { openingOf, outcomeOf, retryAfter } from "./outcome";

const problem = (status: number, more: object = {}): ApiProblem =>
  new ApiProblem({ type: "about:blank", title: "No", status, detail: "No", ...more });
const ask = (name: string, userPrompt = ""): Task => ({ name, type: "openRouter/v1/ask", parameters: { userPrompt } });

it("keeps no key in the browser", () => {
  expect(withoutKeys('{"userPrompt": "my key sk-or-v1-0123456789abcdef, a risk-free one"}')).toBe(
    '{"userPrompt": "my key , a risk-free one"}',
  );
});

describe("a save that did not succeed", () => {
  it("is tried again if the server is gone or broken", () => {
    expect(outcomeOf(new ServerGone())).toEqual({ kind: "offline" });
    expect(outcomeOf(problem(503))).toEqual({ kind: "offline" });
    expect([1, 2, 3, 9].map(retryAfter)).toEqual([2000, 4000, 8000, 30_000]);
  });

  it("is a question if somebody else saved first", () => {
    expect(outcomeOf(problem(409, { version: 3 }))).toEqual({ kind: "conflict", version: 3 });
    expect(outcomeOf(problem(412)).kind).toBe("conflict");
  });

  it("stores the flow anew if it was deleted", () => {
    expect(outcomeOf(problem(404))).toEqual({ kind: "gone" });
  });

  it("says what is wrong in the flow, and where", () => {
    const place = "tasks[0].parameters.iteratee[1].parameters.userPrompt";
    expect(outcomeOf(problem(422, { path: place }))).toEqual({ kind: "refused", message: "No", place });
  });
});

describe("a reload", () => {
  const draft = { flow: { tasks: [] }, id: "f", version: 2 };

  it("goes on with what was changed in this browser", () => {
    expect(openingOf(draft, 2)).toEqual({ kind: "draft" });
    expect(openingOf(null, 2)).toEqual({ kind: "stored" });
    expect(openingOf(draft, 3)).toEqual({ kind: "conflict" });
  });

  it("finds the draft until it is saved, and passes over a damaged one", () => {
    expect(keepDraft("f", draft)).toBe(true);
    expect(draftOf("f")).toEqual(draft);
    dropDraft("f");
    expect(draftOf("f")).toBeNull();
    localStorage.setItem("studio-draft-f", "{");
    expect(draftOf("f")).toBeNull();
  });

  it("keeps a draft for each new flow", () => {
    const [first, second] = [newDraftName(), newDraftName()];
    for (const name of [first, second]) keepDraft(name, { flow: { label: name, tasks: [] }, id: null, version: null });
    expect(newDrafts().map((one) => one.flow.label).sort()).toEqual([first, second].sort());
    dropDraft(first);
    expect(newDrafts().map((one) => one.name)).toEqual([second]);
    dropDraft(second);
  });

  it("says that the storage is full", () => {
    const full = vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    expect(keepDraft("f", draft)).toBe(false);
    full.mockRestore();
  });
});

it("compares two versions step by step", () => {
  const property = (name: string, label: string, more: Partial<Property> = {}): Property => ({ name, label, type: "STRING", controlType: "TEXT", ...more });
  const message = property("", "Message", { properties: [property("content", "Content")] });
  const format = property("format", "Format", { options: [{ label: "Simple", value: "SIMPLE" }] });
  const fields = [property("userPrompt", "Prompt"), format, property("messages", "Messages", { items: message })];
  const labels = { fieldsOf: () => fields, settings: [], flow: [property("label", "Title")] };
  const a = (text: string, more: JsonObject): Task => ({ name: "a", type: "openRouter/v1/ask", parameters: { messages: [{ content: text }], ...more } });
  const mine = { label: "A", tasks: [a("x", { format: "SIMPLE" }), ask("b")] };
  const theirs = { label: "B", tasks: [a("y", { userPrompt: "Hi", response: { responseFormat: "JSON" } }), ask("c")] };
  expect(differencesOf(mine, theirs, labels)).toEqual([
    { kind: "changed", step: "", fields: [{ label: "Title", mine: "A", theirs: "B" }] },
    {
      kind: "changed",
      step: "a",
      fields: [
        { label: "Messages › 1 › Content", mine: "x", theirs: "y" },
        { label: "Format", mine: "Simple", theirs: "nothing" },
        { label: "Prompt", mine: "nothing", theirs: "Hi" },
        { label: "response › responseFormat", mine: "nothing", theirs: "JSON" },
      ],
    },
    { kind: "mine", step: "b", fields: [] },
    { kind: "theirs", step: "c", fields: [] },
  ]);
  expect(differencesOf(mine, mine, labels)).toEqual([]);
});
