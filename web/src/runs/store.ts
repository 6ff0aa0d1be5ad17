// The run that the canvas shows: started here, or opened from the past.

import { create } from "zustand";

import { json, send, ServerGone, type Schemas } from "../api/client";
import { events } from "../api/events";
import type { FlowDocument, Json, JsonObject } from "../flow/document";
import { useFlow } from "../flow/store";
import { byFrame } from "./frames";
import { forgetLastRun, keepLastRun } from "./lastRun";
import { onePlaceOf, type OnePlace } from "./place";
import { afterEvent, hasEnded, newRun, type RunEvent, type RunState } from "./state";

export interface RunRequest {
  flow: FlowDocument;
  inputs?: JsonObject;
  /** The one in use when it is missing. */
  connection?: string;
  budget?: number;
  dayBudget?: number;
  /** Outputs of steps by name; these are not performed. */
  pinned?: JsonObject;
  /** The name of the only step to perform. */
  only?: string;
  /** For a run of one step: what other steps returned before stays in sight, and its place begins so. */
  onePlace?: OnePlace;
  /** The stored flow to which the run belongs; with a version it is that one which runs. */
  flowId?: string | null;
  version?: number | null;
  /** Let the sandbox play the models, with a fault by the name of a step. */
  rehearse?: Record<string, string>;
}

interface CurrentRun {
  run: RunState | null;
  /** Whether the server is gone while a run is watched. */
  isLost: boolean;
  /** Which item of a container is shown: its index by the place of the container. */
  shownItems: Record<string, number>;
  start: (request: RunRequest) => Promise<RunState>;
  /** Show a run by its id, and follow it until it has ended. */
  watch: (id: string) => Promise<void>;
  cancel: () => Promise<void>;
  resume: (options?: { retryDoubtful?: boolean }) => Promise<void>;
  showItem: (container: string, index: number) => void;
  close: () => void;
}

const RECONNECT_MS = 2000;
let following: AbortController | undefined;

export const useRun = create<CurrentRun>()((set, get) => {
  const follow = async (run: RunState): Promise<void> => {
    following?.abort();
    const own = new AbortController();
    following = own;
    set({ run, isLost: false, shownItems: {} });
    if (run.prefix === undefined) keepLastRun(run.id);
    const mine = (): boolean => following === own && get().run?.id === run.id;
    // One change a frame: React gives up on a store that changes fifty times before it has drawn.
    const told = byFrame<{ event: RunEvent; id: string | undefined }>((all) => {
      if (mine()) set(({ run: old }) => ({ run: old && all.reduce((now, { event, id }) => afterEvent(now, event, id), old), isLost: false }));
    });
    while (mine()) {
      try {
        const after = get().run?.lastEvent;
        const path = `/api/runs/${run.id}/events`;
        const headers = after === undefined ? {} : { "Last-Event-ID": after };
        for await (const event of events(path, { headers, signal: own.signal })) {
          if (!mine()) return;
          const data = { ...(event.data as RunEvent), type: event.type };
          told.put({ event: run.prefix && data.place ? { ...data, place: run.prefix + data.place } : data, id: event.id });
        }
        told.flush();
        const last = get().run;
        if (!last || hasEnded(last)) return;
      } catch (error) {
        told.flush();
        if (own.signal.aborted || !(error instanceof ServerGone || error instanceof TypeError)) {
          if (!own.signal.aborted) throw error;
          return;
        }
        set({ isLost: true });
      }
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  };
  const follows = (run: RunState): void => void follow(run).catch(() => set({ isLost: true }));

  return {
    run: null,
    isLost: false,
    shownItems: {},
    start: async ({ flow, flowId, version, onePlace, ...rest }) => {
      const of = flowId == null ? { flow } : version == null ? { flow, flowId } : { flowId, version };
      const body = { ...of, stream: true, ...rest };
      const fresh = newRun(await json<Schemas["StartedRun"]>("/api/runs", { body }), { ...rest, flow });
      const run = onePlace ? onto(get().run, fresh, onePlace) : beside(get().run, fresh, rest.pinned ?? {});
      follows(run);
      return run;
    },
    watch: async (id) => {
      const found = await json<Schemas["RunDetails"]>(`/api/runs/${id}`);
      const run = newRun(found, { budget: found.options.budget as Json, inputs: found.inputs as JsonObject, flow: found.document as unknown as FlowDocument });
      const { flow } = useFlow.getState();
      const onePlace = onePlaceOf(found.document as unknown as FlowDocument, flow, get().shownItems);
      follows(onePlace ? { ...run, prefix: onePlace.prefix } : run);
    },
    cancel: async () => {
      const { run } = get();
      if (run) await send(`/api/runs/${run.id}/cancel`, { method: "POST" });
    },
    resume: async (options = {}) => {
      const { run } = get();
      if (!run) return;
      await json(`/api/runs/${run.id}/resume`, { body: options });
      // Not ended any more: its watcher waits for what comes.
      follows({ ...run, status: "queued" });
    },
    showItem: (container, index) =>
      set((state) => ({ shownItems: { ...state.shownItems, [container]: index } })),
    close: () => {
      following?.abort();
      forgetLastRun();
      set({ run: null, isLost: false });
    },
  };
});

/** A run beside the results of steps that it does not perform again. */
function beside(last: RunState | null, run: RunState, pinned: JsonObject): RunState {
  const kept = (last?.order ?? []).filter((place) => (last?.steps[place]?.step ?? "") in pinned);
  return { ...run, order: kept, steps: Object.fromEntries(kept.flatMap((place) => (last?.steps[place] ? [[place, last.steps[place]]] : []))) };
}

/** A run of one step beside the results that the steps of the last run returned. */
function onto(last: RunState | null, run: RunState, one: OnePlace): RunState {
  const kept = (last?.order ?? []).filter((place) => place !== one.prefix + one.step);
  const steps = Object.fromEntries(kept.flatMap((place) => (last?.steps[place] ? [[place, last.steps[place]]] : [])));
  const { stepNames: _, ...rest } = run;
  return { ...rest, ...(last?.stepNames ? { stepNames: last.stepNames } : {}), prefix: one.prefix, steps, order: kept };
}
