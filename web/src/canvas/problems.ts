// The problems of the last check, by step: each node reads its own.

import { useMemo } from "react";
import { create } from "zustand";

import { byStep, type FlowCheck, type StepProblem } from "../flow/check";
import { isObject } from "../flow/document";
import { isMarked, useLeft } from "../flow/left";

interface Estimate {
  low: number;
  high: number | null;
}

interface Checked {
  problems: Record<string, StepProblem[]>;
  estimates: Record<string, Estimate>;
}

export const useChecked = create<Checked>()(() => ({ problems: {}, estimates: {} }));

const NONE: StepProblem[] = [];

export const useProblems = (name: string): StepProblem[] => useChecked((checked) => checked.problems[name] ?? NONE);
/** The problems that are marked; a value that nobody had a chance to fill in is not. */
export function useMarkedProblems(name: string): StepProblem[] {
  const problems = useProblems(name);
  const places = useLeft((left) => left.places);
  return useMemo(() => problems.filter((one) => isMarked(one, name, places)), [problems, name, places]);
}
export const useEstimate = (name: string): Estimate | undefined => useChecked((checked) => checked.estimates[name]);

/** Keep what the check says; steps whose problems are the same keep their lists. */
export function keepCheck(check: FlowCheck | undefined): void {
  const found = check ? byStep(check.flow, [...check.problems, ...check.unsupported.map((one) => ({ path: one.path, message: one.type }))]) : {};
  const old = useChecked.getState();
  const problems = kept(found, old.problems);
  const steps = Array.isArray(check?.estimate?.steps) ? check.estimate.steps : [];
  const estimates: Record<string, Estimate> = {};
  for (const step of steps) {
    if (!isObject(step) || typeof step.name !== "string" || typeof step.low !== "number") continue;
    if (step.model === null) continue;
    estimates[step.name] = { low: step.low, high: typeof step.high === "number" ? step.high : null };
  }
  useChecked.setState({ problems, estimates: kept(estimates, old.estimates) });
}

function kept<T>(found: Record<string, T>, old: Record<string, T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => {
      const before = old[name];
      return [name, before !== undefined && JSON.stringify(before) === JSON.stringify(value) ? before : value];
    }),
  );
}
