// Start the open flow: the stored one if it is saved, so that its runs are found by version.

import { saveNow } from "../exchange/saving";
import type { JsonObject } from "../flow/document";
import { useFlow } from "../flow/store";
import type { Faults } from "./rehearsal";
import { useRun } from "./store";

export interface StartOptions {
  inputs?: JsonObject;
  budget?: number;
  connection?: string;
  pinned?: JsonObject;
  rehearse?: Faults;
}

export async function startFlow(options: StartOptions): Promise<void> {
  await saveNow();
  const { flow, id, version, saved } = useFlow.getState();
  const stored = { flowId: id, version: saved === "saved" ? version : null };
  await useRun.getState().start({ flow, ...stored, ...options });
}
