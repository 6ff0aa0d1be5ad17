// Save the open flow a moment after each change; keep it in this browser until the server has it.

import { useEffect } from "react";
import { create } from "zustand";

import { json, type Schemas } from "../api/client";
import type { FlowDocument } from "../flow/document";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { draftOf, dropDraft, keepDraft, newDraftName, rememberFlow } from "./drafts";
import { openFromAddress, showAddress, watchAddress } from "./opening";
import { outcomeOf, retryAfter } from "./outcome";

export type StoredFlow = Omit<Schemas["StoredFlowResponse"], "flow"> & { flow: FlowDocument };

interface Saving {
  /** The other version, while both wait for a decision. */
  theirs: StoredFlow | null;
  /** Why the server refuses the flow, and the place of the reason. */
  refused: { message: string; place: string | null; isRead?: boolean } | null;
  /** Whether this browser has no room for what is not saved. */
  isStorageFull: boolean;
  /** When the server is asked again, in milliseconds since 1970. */
  retriesAt: number | null;
  /** The name of the draft of the open flow, while it has no id. */
  draft: string;
  /** How many flows were opened, so that the answer to a save of an earlier one is known as such. */
  opened: number;
}

export const useSavingState = create<Saving>()(() => ({
  theirs: null,
  refused: null,
  isStorageFull: false,
  retriesAt: null,
  draft: newDraftName(),
  opened: 0,
}));

const AFTER_MS = 800;
let timer: ReturnType<typeof setTimeout> | undefined;
let saving: Promise<void> | null = null;
let tries = 0;

/** Save the open flow a moment after each change, and open the one that the address names. */
export function useSaving(): void {
  useEffect(() => {
    void openFromAddress();
    const stops = [useFlow.subscribe(onChange), watchAddress()];
    const keep = (): void => void keepNow();
    addEventListener("pagehide", keep);
    addEventListener("beforeunload", warnIfLost);
    return () => {
      for (const stop of stops) stop();
      removeEventListener("pagehide", keep);
      removeEventListener("beforeunload", warnIfLost);
    };
  }, []);
}

/** Save now: at a click on "Retry Now", and before a run that needs the stored flow. */
export async function saveNow(): Promise<void> {
  clearTimeout(timer);
  while (saving) await saving;
  const { id, saved, shownRun } = useFlow.getState();
  if (shownRun || saved === "conflict" || (saved === "saved" && id !== null)) return;
  saving = save().finally(() => (saving = null));
  await saving;
}

async function save(): Promise<void> {
  const { id, version, flow } = useFlow.getState();
  const { opened, draft } = useSavingState.getState();
  const isStillOpen = (): boolean => useSavingState.getState().opened === opened;
  useFlow.getState().setSaved("saving");
  try {
    const result = await stored(flow, id, version);
    afterDraft(id ?? draft, flow, result);
    if (isStillOpen()) onSaved(result, flow);
  } catch (error) {
    if (isStillOpen()) await onRefused(error);
  }
  keepNow();
  if (useFlow.getState().saved === "unsaved" && !useSavingState.getState().refused) later(AFTER_MS);
}

/** Drop the draft of what is stored now; one that was changed meanwhile goes on under the id of its flow. */
function afterDraft(name: string, sent: FlowDocument, { id, version }: StoredFlow): void {
  const kept = draftOf(name);
  dropDraft(name);
  if (kept && JSON.stringify(kept.flow) !== JSON.stringify(sent)) keepDraft(id, { flow: kept.flow, id, version });
}

/** Store mine as a version after theirs; theirs stays among the versions. */
export function keepMine(): void {
  const { theirs } = useSavingState.getState();
  useSavingState.setState({ theirs: null });
  if (!theirs) return;
  useFlow.getState().setSaved("unsaved", theirs.id, theirs.version);
  void saveNow();
}

/** Show theirs; undo brings mine back. */
export function takeTheirs(): void {
  const { theirs } = useSavingState.getState();
  useSavingState.setState({ theirs: null });
  if (!theirs) return;
  useFlow.getState().edit(words.exchange.takeTheirs, () => theirs.flow);
  useFlow.getState().setSaved("saved", theirs.id, theirs.version);
  dropDraft(theirs.id);
}

function onChange(now: ReturnType<typeof useFlow.getState>, before: typeof now): void {
  if (now.id !== before.id) {
    rememberFlow(now.id);
    showAddress();
  }
  if (now.flow === before.flow || now.saved === "saved") return;
  useSavingState.setState({ refused: null });
  keepNow();
  if (now.saved === "unsaved") later(AFTER_MS);
}

function later(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void saveNow(), ms);
}

function stored(flow: FlowDocument, id: string | null, version: number | null): Promise<StoredFlow> {
  const isNew = id === null || version === null;
  return isNew
    ? json("/api/flows", { body: { flow } })
    : json(`/api/flows/${encodeURIComponent(id)}`, { method: "PUT", body: { flow, version } });
}

function onSaved(saved: StoredFlow, sent: FlowDocument): void {
  tries = 0;
  useSavingState.setState({ retriesAt: null, refused: null, isStorageFull: false });
  const now = useFlow.getState();
  now.setSaved(now.flow === sent ? "saved" : "unsaved", saved.id, saved.version);
}

async function onRefused(error: unknown): Promise<void> {
  const outcome = outcomeOf(error);
  const { setSaved, id } = useFlow.getState();
  switch (outcome.kind) {
    case "conflict":
      await showConflict(id ?? "");
      return;
    case "gone":
      useFlow.setState({ id: null, version: null, saved: "unsaved" });
      return;
    case "refused":
      setSaved("unsaved");
      useSavingState.setState({ refused: outcome });
      return;
    case "offline":
      tryAgainLater();
  }
}

async function showConflict(id: string): Promise<void> {
  try {
    const theirs = await json<StoredFlow>(`/api/flows/${encodeURIComponent(id)}`);
    useFlow.getState().setSaved("conflict");
    useSavingState.setState({ theirs });
  } catch {
    tryAgainLater(); // the next save finds the conflict again
  }
}

function tryAgainLater(): void {
  tries += 1;
  const wait = retryAfter(tries);
  useFlow.getState().setSaved("offline");
  useSavingState.setState({ retriesAt: Date.now() + wait });
  later(wait);
}

/** Keep what is not saved in this browser; false if it has no room. */
function keepNow(): boolean {
  const { flow, id, version, saved } = useFlow.getState();
  if (saved === "saved") return true;
  const isKept = keepDraft(id ?? useSavingState.getState().draft, { flow, id, version });
  if (useSavingState.getState().isStorageFull === isKept) useSavingState.setState({ isStorageFull: !isKept });
  return isKept;
}

function warnIfLost(event: BeforeUnloadEvent): void {
  if (!keepNow()) event.preventDefault();
}
