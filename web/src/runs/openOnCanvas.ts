// A past run on the canvas: the open flow if it is what ran, else the flow as it was started, which cannot be changed.

import type { Schemas } from "../api/client";
import { useView } from "../app/view";
import { showRunFlow } from "../exchange/opening";
import type { FlowDocument } from "../flow/document";
import { useFlow } from "../flow/store";
import { onePlaceOf } from "./place";
import { useRun } from "./store";

export async function openOnCanvas({ id, flow, flowId, document, server }: Schemas["RunDetails"]): Promise<void> {
  useView.getState().show("canvas");
  const ran = document as unknown as FlowDocument;
  if (!isOpen(flow, flowId, ran)) {
    const isRehearsal = server === "rehearsal";
    await showRunFlow(ran, { id, isRehearsal, flowId: flow.version === null ? null : flowId });
  }
  await useRun.getState().watch(id);
}

/** Whether the open flow is the version that ran, or holds the only step that ran. */
function isOpen(flow: Schemas["RunDetails"]["flow"], flowId: string | null, ran: FlowDocument): boolean {
  const open = useFlow.getState();
  if (open.shownRun || open.id === null || open.id !== flowId) return false;
  if (flow.version === null) return onePlaceOf(ran, open.flow, {}) !== undefined;
  return open.saved === "saved" && open.version === flow.version;
}
