// Open flows: by the address of the page, from the list, or a new one.

import { ApiProblem, json } from "../api/client";
import { flowsQuery } from "../api/queries";
import { tabOf, useView } from "../app/view";
import { emptyFlow, freshLabel, type FlowDocument } from "../flow/document";
import { useFlow, type ShownRun } from "../flow/store";
import { forgetLastRun, lastRun } from "../runs/lastRun";
import { useRun } from "../runs/store";
import { words } from "../words";
import { draftOf, dropDraft, lastFlow, newDraftName, newDrafts, rememberFlow, type NewDraft } from "./drafts";
import { openingOf } from "./outcome";
import { saveNow, useSavingState, type StoredFlow } from "./saving";

export const storedFlow = (id: string): Promise<StoredFlow> => json(`/api/flows/${encodeURIComponent(id)}`);

/** Open a stored flow, with what was changed in it in this browser and not saved. */
export async function openFlow(id: string): Promise<void> {
  const draft = draftOf(id);
  try {
    const stored = await storedFlow(id);
    show(stored.flow, stored.id, stored.version);
    const opening = openingOf(draft, stored.version);
    if (!draft || opening.kind === "stored") return;
    useFlow.setState({ flow: draft.flow, version: draft.version, saved: opening.kind === "draft" ? "unsaved" : "conflict" });
    if (opening.kind === "conflict") useSavingState.setState({ theirs: stored });
  } catch (error) {
    const isUnknown = error instanceof ApiProblem && error.status === 404;
    if (isUnknown) {
      dropDraft(id);
      rememberFlow(null);
    }
    if (draft) {
      show(draft.flow, isUnknown ? null : id, isUnknown ? null : draft.version);
      useFlow.setState({ flow: { ...draft.flow }, saved: "unsaved" });
    } else useView.getState().say(isUnknown ? words.exchange.noSuchFlow : words.app.serverGone);
  }
}

/** Open a flow that is not stored yet: a new one, a copy, a template. It is stored at its first change, or at once. */
export function openNew(flow: FlowDocument, isStored = false): void {
  openUnder(newDraftName(), flow, isStored);
}

/** Open an empty flow, under a name that no other flow has. */
export async function openEmpty(): Promise<void> {
  const drafts = newDrafts().map((one) => one.flow.label ?? "");
  const flow = emptyFlow(freshLabel(words.app.untitled, drafts));
  openNew(flow);
  const stored = await flowsQuery.queryFn().catch(() => []);
  const label = freshLabel(words.app.untitled, [...drafts, ...stored.map((one) => one.label)]);
  // What was changed or opened meanwhile stays as it is.
  if (useFlow.getState().flow === flow && label !== flow.label) useFlow.setState({ flow: { ...flow, label } });
}

/** Open a flow that only this browser has. */
export const openDraft = ({ name, flow }: NewDraft): void => openUnder(name, flow, true);

function openUnder(draft: string, flow: FlowDocument, isStored: boolean): void {
  show(flow, null, null);
  useSavingState.setState({ draft });
  if (isStored) useFlow.setState({ flow: { ...flow }, saved: "unsaved" });
}

/** Show the flow of a past run as it was started; what was open is kept aside. */
export async function showRunFlow(flow: FlowDocument, run: ShownRun): Promise<void> {
  if (useFlow.getState().saved !== "saved") await saveNow();
  useRun.getState().close();
  useFlow.getState().showRun(flow, run);
  useSavingState.setState(({ opened }) => ({ opened: opened + 1 }));
}

/** Go back to the flow that was open before the past run. */
export function leaveRunFlow(): void {
  useRun.getState().close();
  useFlow.getState().leaveRun();
  showAddress();
  if (useFlow.getState().saved !== "saved") void saveNow();
}

/** Make the flow of a past run the open one: a change of the stored flow that ran, else a new flow. */
export async function adoptRunFlow(flow: FlowDocument, { flowId, id }: ShownRun): Promise<void> {
  leaveRunFlow();
  if (flowId !== null && useFlow.getState().id !== flowId) await openFlow(flowId);
  if (flowId !== null && useFlow.getState().id === flowId) useFlow.getState().edit(words.exchange.ofRun, () => flow);
  else openNew(flow, true);
  await useRun.getState().watch(id);
}

/** Open what was open before the page was loaded, with the run that was shown. */
export async function openFromAddress(): Promise<void> {
  const shown = lastRun();
  await openFirst();
  if (shown && shown.flow === useFlow.getState().id) await useRun.getState().watch(shown.id).catch(forgetLastRun);
}

async function openFirst(): Promise<void> {
  const named = idInAddress();
  if (named) return openFlow(named);
  const [draft] = newDrafts();
  const last = lastFlow();
  if (draft) openDraft(draft);
  else if (last) await openFlow(last);
  else void openEmpty();
}

/** Write the open flow into the address, so that a reload shows it again. */
export function showAddress(): void {
  const { id } = useFlow.getState();
  if (useView.getState().tab === "canvas") history.replaceState(null, "", id ? `#/canvas/${id}` : "#/canvas");
}

/** Follow links to other flows, such as one that is pasted into the address bar. */
export function watchAddress(): () => void {
  const follow = (): void => {
    useView.setState({ tab: tabOf(location.hash) });
    const named = idInAddress();
    if (named && named !== useFlow.getState().id) void openFlow(named);
  };
  addEventListener("hashchange", follow);
  return () => removeEventListener("hashchange", follow);
}

function idInAddress(): string | null {
  return /^#\/?canvas\/([\w-]+)/.exec(location.hash)?.[1] ?? null;
}

function show(flow: FlowDocument, id: string | null, version: number | null): void {
  // What was changed in the flow that is left is stored on the way out.
  if (useFlow.getState().saved === "unsaved") void saveNow();
  useRun.getState().close();
  useSavingState.setState(({ opened }) => ({ theirs: null, refused: null, retriesAt: null, opened: opened + 1 }));
  useFlow.getState().open(flow, id, version);
  rememberFlow(id);
  showAddress();
}
