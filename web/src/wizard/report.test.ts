import { describe, expect, it } from "vitest";

import { ApiProblem } from "../api/client";
import { canSave, freeName, isElsewhere, limitOf, remainingOf, reportOf, usedPart, waysOut, type KeyReport } from "./report";

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
    for (const text of ["5,50", "free", "0", "-1", "1e999", "1000001"]) expect(limitOf(text)).toBeUndefined();
  });

  it("offers to check a base URL that the server does not accept", () => {
    const problems = [{ path: "baseUrl", message: "is in a private network" }];
    const refused = reportOf(new ApiProblem({ type: "x:InputError", title: "Invalid input", status: 422, detail: "baseUrl: is in a private network", problems }), "gone");
    expect(refused.message).toBe("is in a private network");
    expect(waysOut(refused)).toContain("server");
    expect(reportOf(new Error(), "gone")).toEqual({ state: "failed", ok: false, message: "gone" });
  });

  it("knows a key of another server", () => {
    expect(["https://openrouter.ai/api/v1", "https://eu.openrouter.ai/api/v1", undefined].map(isElsewhere)).toEqual([false, false, false]);
    expect(["http://localhost:4000", "https://openrouter.ai.example.com/v1", "https://notopenrouter.ai"].map(isElsewhere)).toEqual([true, true, true]);
  });

  it("finds a free name", () => {
    expect(freeName(["Work", "work 2"], "work")).toBe("work 3");
    expect(freeName([], "  ")).toBe("OpenRouter");
  });
});
