// What many runs of a flow cost, and which step costs most. Pure.

import { isObject, type Json } from "../flow/document";
import type { FlowEstimate } from "../flow/check";

export interface StepForecast {
  name: string;
  model: string;
  low: number;
  /** Null if it has no upper bound. */
  high: number | null;
  /** Of the cost that is known of the flow, from 0 to 1. */
  share: number;
}

export interface Forecast {
  low: number;
  high: number | null;
  steps: StepForecast[];
}

export function forecastOf(estimate: FlowEstimate, runs: number): Forecast {
  const listed: readonly Json[] = Array.isArray(estimate.steps) ? estimate.steps : [];
  const steps = listed.filter(isObject).map((step) => ({
    name: textOf(step.name),
    model: textOf(step.model),
    low: numberOf(step.low) ?? 0,
    high: numberOf(step.high),
  }));
  const known = (step: { low: number; high: number | null }): number => step.high ?? step.low;
  const all = steps.reduce((sum, step) => sum + known(step), 0);
  return {
    low: estimate.low * runs,
    high: estimate.high === null ? null : estimate.high * runs,
    steps: steps
      .map((step) => ({
        ...step,
        low: step.low * runs,
        high: step.high === null ? null : step.high * runs,
        share: all > 0 ? known(step) / all : 0,
      }))
      .sort((a, b) => b.share - a.share),
  };
}

/** What finished runs of a flow cost on average; null if there are none. */
export function averageCost(runs: readonly { label: string; status: string; cost: number; server: string }[], label: string): { cost: number; runs: number } | null {
  const own = runs.filter((run) => run.label === label && run.status === "succeeded" && run.server !== "rehearsal");
  return own.length === 0 ? null : { cost: own.reduce((sum, run) => sum + run.cost, 0) / own.length, runs: own.length };
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const numberOf = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);
