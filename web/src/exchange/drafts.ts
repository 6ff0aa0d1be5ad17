// Changes that are not on the server yet, kept in this browser so that a reload loses nothing.

import { remember, remembered } from "../app/memory";
import type { FlowDocument } from "../flow/document";

export interface Draft {
  flow: FlowDocument;
  id: string | null;
  /** The version that was changed. */
  version: number | null;
}

/** A draft of a flow that was never stored. */
export interface NewDraft {
  name: string;
  flow: FlowDocument;
  /** Milliseconds since 1970. */
  at: number;
}

const LAST = "studio-flow";
const PREFIX = "studio-draft-";
const NEW = "new-";

/** The name of the draft of a flow that has no id yet: each new flow has a draft of its own. */
export const newDraftName = (): string => `${NEW}${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;

/** Keep a draft under the id of its flow, or under the name of a new one; false if this browser has no room for it. */
export const keepDraft = (name: string, draft: Draft): boolean =>
  remember(PREFIX + name, withoutKeys(JSON.stringify({ ...draft, at: Date.now() })));

/** What looks like an API key is never kept in the browser, as it is never stored on the server. */
export const withoutKeys = (text: string): string => text.replace(/\bsk-[\w-]{12,}/g, "");

export function draftOf(name: string): Draft | null {
  const found = read(PREFIX + name);
  return found && { flow: found.flow, id: found.id, version: found.version };
}

export const dropDraft = (name: string): boolean => remember(PREFIX + name, null);

/** The drafts of flows that were never stored, the newest first. */
export function newDrafts(): NewDraft[] {
  const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? "");
  return keys
    .filter((key) => key.startsWith(PREFIX + NEW))
    .flatMap((key) => {
      const found = read(key);
      return found ? [{ name: key.slice(PREFIX.length), flow: found.flow, at: found.at ?? 0 }] : [];
    })
    .sort((a, b) => b.at - a.at);
}

/** The flow that was open last; without one an empty canvas is shown. */
export const lastFlow = (): string | null => remembered(LAST);

export const rememberFlow = (id: string | null): boolean => remember(LAST, id);

function read(key: string): (Draft & { at?: number }) | null {
  try {
    const found = JSON.parse(remembered(key) ?? "null") as (Draft & { at?: number }) | null;
    return found && Array.isArray(found.flow.tasks) ? found : null;
  } catch {
    return null;
  }
}
