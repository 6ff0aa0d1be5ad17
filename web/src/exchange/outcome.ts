// What to do after a save that did not succeed, and after a page is loaded. Pure.

import { ApiProblem, ServerGone } from "../api/client";
import type { Draft } from "./drafts";

export type Outcome =
  | { kind: "offline" }
  | { kind: "conflict"; version: number | null }
  /** The stored flow was deleted: the open one is stored anew. */
  | { kind: "gone" }
  | { kind: "refused"; message: string; place: string | null };

export function outcomeOf(error: unknown): Outcome {
  if (error instanceof ServerGone || !(error instanceof ApiProblem)) return { kind: "offline" };
  const { status, document } = error;
  if (status === 409 || status === 412) return { kind: "conflict", version: versionIn(document) };
  if (status === 404) return { kind: "gone" };
  if (status >= 500 || status === 401 || status === 408 || status === 429) return { kind: "offline" };
  return { kind: "refused", message: document.detail || document.title, place: document.path ?? null };
}

export type Opening =
  | { kind: "stored" }
  | { kind: "draft" }
  | { kind: "conflict" };

/** Which to show after a reload: the stored flow, or the draft of this browser. */
export function openingOf(draft: Draft | null, storedVersion: number): Opening {
  if (!draft) return { kind: "stored" };
  return draft.version === storedVersion ? { kind: "draft" } : { kind: "conflict" };
}

/** Milliseconds until the next try: 2 s, then twice as long, at most 30 s. */
export const retryAfter = (tries: number): number => Math.min(30_000, 2000 * 2 ** Math.max(0, tries - 1));

function versionIn(document: object): number | null {
  return "version" in document && typeof document.version === "number" ? document.version : null;
}
