import { describe, expect, it } from "vitest";

import { canSave, freeName, limitOf, remainingOf, usedPart, waysOut, type KeyReport } from "./report";

const report = (state: string, more: Partial<KeyReport> = {}): KeyReport => ({ state, ok: state === "ok", message: "", ...more });

describe("the test of a key", () => {
  it.each(["unverified", "rejected", "noCredits", "forbidden", "management", "expired", "offline", "wrongHost", "malformed", "new"])(
    "has a way out of %s, and the sandbox as the last",
    (state) => {
      expect(waysOut(report(state)).length).toBeGreaterThan(1);
      expect(waysOut(report(state)).at(-1)).toBe("sandbox");
    },
  );

  it("offers to create a key with one that manages the account, where the server can", () => {
    expect(waysOut(report("management"))).toContain("newKey");
    expect(waysOut(report("management"), false)).not.toContain("newKey");
  });

  it("lets keys be stored that work or could not be tried, and no others", () => {
    expect(["ok", "offline", "noCredits", "rejected", "malformed"].map((state) => canSave(report(state)))).toEqual([true, true, true, false, false]);
  });

  it("tells the lower of what the limit and the account leave", () => {
    expect(remainingOf(report("ok", { limitRemaining: 12, credits: 3 }))).toBe(3);
    expect(remainingOf(report("ok", { limitRemaining: null }))).toBeNull();
    expect(usedPart(report("ok", { limit: 25, limitRemaining: 10 }))).toBe(0.6);
    expect(usedPart(report("ok", { limit: null }))).toBeNull();
  });

  it("reads a limit, and takes no other text for none", () => {
    expect(limitOf(" $5.50 ")).toEqual({ limit: 5.5 });
    expect(limitOf("")).toEqual({});
    for (const text of ["5,50", "free", "0", "-1", "1e999"]) expect(limitOf(text)).toBeUndefined();
  });

  it("finds a free name", () => {
    expect(freeName(["Work", "work 2"], "work")).toBe("work 3");
    expect(freeName([], "  ")).toBe("OpenRouter");
  });
});
