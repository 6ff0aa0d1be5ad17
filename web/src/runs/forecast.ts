// What many runs of a flow cost, and which step costs most. Pure.

import type { Schemas } from "../api/client";
import type { FlowEstimate } from "../flow/check";
import type { RunState } from "./state";
import { isObject, type FlowDocument, type Json } from "../flow/document";
import { find, stepsOf } from "../flow/tree";
import { runsOf } from "./progress";
import { runOf } from "./timeline";

export interface StepForecast {
  name: string;
  model: string;
  low: number;
  /** Null if it has no upper bound. */
  high: number | null;
  /** What finished runs say that it costs; null if it did not run with this model. */
  measured: number | null;
  /** Of the cost that is known of the flow, from 0 to 1. */
  share: number;
}

export interface Forecast {
  low: number;
  high: number | null;
  steps: StepForecast[];
}

/** `measured` has the cost of a step in one run, by its name. */
export function forecastOf(estimate: FlowEstimate, runs: number, measured: Readonly<Record<string, number>> = {}): Forecast {
  const listed: readonly Json[] = Array.isArray(estimate.steps) ? estimate.steps : [];
  const steps = listed.filter(isObject).map((step) => ({
    name: textOf(step.name),
    model: textOf(step.model),
    low: numberOf(step.low) ?? 0,
    high: numberOf(step.high),
    measured: measured[textOf(step.name)] ?? null,
  }));
  const all = steps.reduce((sum, step) => sum + knownCost(step), 0);
  return {
    low: estimate.low * runs,
    high: estimate.high === null ? null : estimate.high * runs,
    steps: steps
      .map((step) => ({
        ...step,
        low: step.low * runs,
        high: step.high === null ? null : step.high * runs,
        measured: step.measured === null ? null : step.measured * runs,
        share: all > 0 ? knownCost(step) / all : 0,
      }))
      .sort((a, b) => b.share - a.share),
  };
}

/** The measured cost of a step; else the upper bound of its estimate, or the lower one if nothing limits it. */
export const knownCost = (step: Pick<StepForecast, "low" | "high" | "measured">): number => step.measured ?? step.high ?? step.low;

/** The finished runs of a flow by its label, without rehearsals, which cost nothing. */
export const finishedRuns = <Run extends { label: string; status: string; server: string }>(runs: readonly Run[], label: string): Run[] =>
  runs.filter((run) => run.label === label && run.status === "succeeded" && run.server !== "rehearsal");

/** What each step of a flow cost on average in some of its runs, if it called the same model there. */
export function measuredSteps(flow: FlowDocument, runs: readonly Schemas["RunDetails"][]): Record<string, number> {
  const found: Record<string, number[]> = {};
  for (const details of runs) {
    const run = runOf(details);
    const then = details.document as unknown as FlowDocument;
    for (const { task } of stepsOf(flow)) {
      const steps = runsOf(run, task.name);
      const isSame = find(then, task.name)?.task.parameters?.model === task.parameters?.model;
      if (!isSame || steps.length === 0 || steps.some((one) => typeof one.metadata?.cost !== "number")) continue;
      (found[task.name] ??= []).push(steps.reduce((sum, one) => sum + one.cost, 0));
    }
  }
  return Object.fromEntries(Object.entries(found).map(([name, costs]) => [name, costs.reduce((sum, one) => sum + one, 0) / costs.length]));
}

/** What finished runs of a flow cost on average; null if there are none. */
export function averageCost(runs: readonly { label: string; status: string; cost: number; server: string }[], label: string): { cost: number; runs: number } | null {
  const own = finishedRuns(runs, label);
  return own.length === 0 ? null : { cost: own.reduce((sum, run) => sum + run.cost, 0) / own.length, runs: own.length };
}

/** What the run is expected to cost: of one step alone, what that one does. */
export function expectedOf(estimate: FlowEstimate | null | undefined, run: RunState): { low: number; high: number | null } | null {
  if (!estimate || run.prefix === undefined) return estimate ?? null;
  // Such a run also shows the steps that ran before it.
  const running = new Set(Object.values(run.steps).flatMap((step) => (step.status === "running" ? [step.step] : [])));
  const own = forecastOf(estimate, 1).steps.filter((step) => running.has(step.name));
  const high = own.some((step) => step.high === null) ? null : own.reduce((sum, step) => sum + (step.high ?? 0), 0);
  return { low: own.reduce((sum, step) => sum + step.low, 0), high };
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const numberOf = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);
