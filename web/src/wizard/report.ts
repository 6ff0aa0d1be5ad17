// What the test of a key found, and the ways out of each failure. Pure.

import { ApiProblem, type Schemas } from "../api/client";

/** What the server says of a key; a test that did not end has a message alone. */
export type KeyReport = Pick<Schemas["KeyReport"], "state" | "ok" | "message"> & Partial<Schemas["KeyReport"]>;

export type Way = "newKey" | "pasteAgain" | "consent" | "credits" | "keys" | "testAgain" | "server" | "sandbox";

const WAYS: Record<string, Way[]> = {
  unverified: ["testAgain"],
  rejected: ["pasteAgain", "consent"],
  noCredits: ["credits", "testAgain"],
  forbidden: ["keys", "pasteAgain"],
  management: ["newKey", "keys", "consent"],
  expired: ["keys", "consent"],
  offline: ["testAgain", "server"],
  wrongHost: ["server"],
  malformed: ["pasteAgain", "consent"],
};

/** A test that the server refused to make, as a report: mostly of the base URL. */
export function reportOf(error: Error, otherwise: string): KeyReport {
  const found = error instanceof ApiProblem ? error.document.problems?.find((one) => one.path === "baseUrl") : undefined;
  return found ? { state: "wrongHost", ok: false, message: found.message } : { state: "failed", ok: false, message: error.message || otherwise };
}

/** Whether a key is for another server than OpenRouter. */
export const isElsewhere = (baseUrl: string | undefined): boolean => baseUrl !== undefined && !/^https:\/\/([\w-]+\.)*openrouter\.ai(\/|$)/.test(baseUrl);

/** The next steps after a failed test; the sandbox is always one. */
export const waysOut = (report: KeyReport, canCreateKeys = true): Way[] =>
  [...(WAYS[report.state] ?? ["testAgain", "pasteAgain"]), "sandbox" as const].filter((way) => way !== "newKey" || canCreateKeys);

/** Whether a key may be stored: one that works, and one that only could not be tried. */
export const canSave = (report: KeyReport): boolean => report.ok || ["unverified", "noCredits", "offline"].includes(report.state);

/** USD that the key may still spend; null if nothing limits it, or nobody knows. */
export function remainingOf(report: KeyReport): number | null {
  const amounts = [report.limitRemaining, report.credits].filter((one): one is number => typeof one === "number");
  return amounts.length === 0 ? null : Math.min(...amounts);
}

/** How much of the limit is used, from 0 to 1; null without a limit. */
export function usedPart(report: KeyReport): number | null {
  const { limit, limitRemaining } = report;
  if (typeof limit !== "number" || typeof limitRemaining !== "number" || limit <= 0) return null;
  return Math.min(1, Math.max(0, (limit - limitRemaining) / limit));
}

const HIGHEST_LIMIT = 1_000_000;

/** The limit that was typed, in USD: `{}` for none, undefined for a text that is no amount, or too much. */
export function limitOf(text: string): { limit?: number } | undefined {
  const amount = text.trim().replace(/^\$/, "");
  if (amount === "") return {};
  return Number(amount) > 0 && Number(amount) <= HIGHEST_LIMIT ? { limit: Number(amount) } : undefined;
}

/** A name that no connection has: `work`, `work 2`. */
export function freeName(taken: readonly string[], wish: string): string {
  const names = new Set(taken.map((name) => name.toLowerCase()));
  const base = wish.trim().slice(0, 60) || "OpenRouter";
  if (!names.has(base.toLowerCase())) return base;
  for (let number = 2; ; number += 1) if (!names.has(`${base} ${number}`.toLowerCase())) return `${base} ${number}`;
}
