// The same step with several models at once: one small run for each.

import { useEffect, useRef, useState } from "react";

import { json, send, type Schemas } from "../api/client";
import { events } from "../api/events";
import { useFlow } from "../flow/store";
import { afterEvent, newRun, type RunEvent, type RunState } from "../runs/state";
import { words } from "../words";
import { hasLoaded, recordedFor } from "../runs/recorded";
import { planOf, refusal } from "../runs/stepPlan";
import type { InspectedStep } from "./useStep";

export type Compared = Record<string, RunState | { problem: string }>;

export interface Comparing {
  results: Compared;
  isRunning: boolean;
  start: (models: string[]) => void;
}

export function useCompare({ step, check }: InspectedStep): Comparing {
  const [results, setResults] = useState<Compared>({});
  const [running, setRunning] = useState(0);
  const stop = useRef<AbortController | null>(null);
  // Closing the dialog cancels what runs: nobody looks at it any more.
  useEffect(() => () => stop.current?.abort(), []);

  const one = async (model: string, signal: AbortSignal): Promise<void> => {
    const put = (change: (old: RunState | undefined) => RunState | { problem: string }): void =>
      setResults((all) => {
        const old = all[model];
        return { ...all, [model]: change(old && "steps" in old ? old : undefined) };
      });
    try {
      if (!(await hasLoaded())) throw new Error(words.results.notLoaded);
      const task = { ...step.task, parameters: { ...step.task.parameters, model } };
      const plan = planOf(useFlow.getState().flow, task, recordedFor(false), check?.outputs ?? {});
      const missing = plan.missing.filter((each) => each.required === true).map((each) => each.name);
      if (missing.length > 0) throw new Error(words.inspector.needsSamples(missing.join(", ")));
      const { id } = useFlow.getState();
      const flow = { ...plan.flow, label: words.inspector.comparedRun(plan.flow.label ?? "", model) };
      const body = { flow, inputs: plan.inputs, stream: true, ...(id === null ? {} : { flowId: id }) };
      // Not aborted itself: a run whose id nobody learns could not be cancelled.
      const started = await json<Schemas["StartedRun"]>("/api/runs", { body });
      const cancel = (): void => void send(`/api/runs/${started.id}/cancel`, { method: "POST" }).catch(() => undefined);
      if (signal.aborted) { cancel(); return; }
      signal.addEventListener("abort", cancel);
      const fresh = newRun(started);
      put(() => fresh);
      for await (const event of events(`/api/runs/${started.id}/events`, { signal }))
        put((old) => afterEvent(old ?? fresh, { ...(event.data as RunEvent), type: event.type }, event.id));
      signal.removeEventListener("abort", cancel);
    } catch (error) {
      if (!signal.aborted) put(() => ({ problem: refusal(error) ?? words.app.serverGone }));
    } finally {
      setRunning((count) => count - 1);
    }
  };
  return {
    results,
    isRunning: running > 0,
    start: (models) => {
      stop.current?.abort();
      const own = new AbortController();
      stop.current = own;
      setResults({});
      setRunning(models.length);
      for (const model of models) void one(model, own.signal);
    },
  };
}

/** What the comparison costs: the sum of the estimates of all models, as far as each is known. */
export function sumOf(estimates: readonly (Schemas["CostEstimate"] | null | undefined)[]): { low: number; high: number | null } {
  const known = estimates.flatMap((one) => (typeof one?.low === "number" ? [{ low: one.low, high: one.high ?? null }] : []));
  const isBounded = known.length === estimates.length && known.every((one) => one.high !== null);
  return {
    low: known.reduce((sum, one) => sum + one.low, 0),
    high: isBounded ? known.reduce((sum, one) => sum + (one.high ?? 0), 0) : null,
  };
}

