// A past run on the canvas: its flow is opened, and its events are played again.

import type { Schemas } from "../api/client";
import { useView } from "../app/view";
import { openFlow } from "../exchange/opening";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { useRun } from "./store";

export async function openOnCanvas({ id, flow }: Pick<Schemas["RunDetails"], "id" | "flow">): Promise<void> {
  const view = useView.getState();
  if (typeof flow.id !== "string") {
    view.say(words.runs.notStored);
    return;
  }
  view.show("canvas");
  if (useFlow.getState().id !== flow.id) await openFlow(flow.id);
  const { version } = useFlow.getState();
  await useRun.getState().watch(id);
  if (typeof flow.version === "number" && version !== null && flow.version !== version) view.say(words.runs.otherVersion(flow.version, version));
}
