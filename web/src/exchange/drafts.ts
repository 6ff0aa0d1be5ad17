// Changes that are not on the server yet, kept in this browser so that a reload loses nothing.

import type { FlowDocument } from "../flow/document";

export interface Draft {
  flow: FlowDocument;
  id: string | null;
  /** The version that was changed. */
  version: number | null;
}

const LAST = "studio-flow";
const keyOf = (id: string | null): string => `studio-draft-${id ?? "new"}`;

/** Keep a draft; false if this browser has no room for it. */
export function keepDraft(draft: Draft): boolean {
  try {
    localStorage.setItem(keyOf(draft.id), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

export function draftOf(id: string | null): Draft | null {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf(id)) ?? "null") as Draft | null;
    return found && Array.isArray(found.flow.tasks) ? found : null;
  } catch {
    return null;
  }
}

export function dropDraft(id: string | null): void {
  localStorage.removeItem(keyOf(id));
}

/** The flow that was open last; without one an empty canvas is shown. */
export function lastFlow(): string | null {
  return localStorage.getItem(LAST);
}

export function rememberFlow(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(LAST);
    else localStorage.setItem(LAST, id);
  } catch {
    // A full storage only costs the memory of which flow was open.
  }
}
