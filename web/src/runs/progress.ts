// How far a run is, step by step of its flow. Pure.

import { money } from "../design/numbers";
import { slotsOf } from "../flow/containers";
import type { FlowDocument, Task } from "../flow/document";
import { stepsOf } from "../flow/tree";
import { words } from "../words";
import { hasEnded, type RunState, type StepRun, type StepStatus } from "./state";

export interface Segment {
  name: string;
  label: string;
  status: StepStatus;
  /** How much of a running step is done, from 0 to 1; null if nobody knows. */
  part: number | null;
}

/** One for each step that is not a container, in the order of the document. */
export function segmentsOf(flow: FlowDocument, run: RunState): Segment[] {
  const skipped = skippedIn(flow, run);
  return stepsOf(flow)
    .filter(({ task }) => slotsOf(task).length === 0)
    .map(({ task }) => {
      const runs = runsOf(run, task.name);
      const status = runs.length === 0 && skipped.has(task.name) ? "skipped" : statusOf(runs);
      return { name: task.name, label: task.label || task.name, status, part: partOf(runs) };
    });
}

/** All runs of a step: one for each item of the containers around it. */
export const runsOf = (run: RunState, step: string): StepRun[] =>
  run.order.flatMap((place) => (run.steps[place]?.step === step ? (run.steps[place] ?? []) : []));

/** The state of a step over all its items: what needs attention comes first. */
export function statusOf(runs: readonly StepRun[]): StepStatus {
  const has = (status: StepStatus): boolean => runs.some((one) => one.status === status);
  if (has("doubt")) return "doubt";
  if (has("failed")) return "failed";
  if (has("running")) return "running";
  return has("done") ? "done" : "waiting";
}

/** The names of steps in lists that a condition or a branch did not choose. */
export function skippedIn(flow: FlowDocument, run: RunState): ReadonlySet<string> {
  const skipped = new Set<string>();
  const skip = (task: Task): void => {
    skipped.add(task.name);
    for (const slot of slotsOf(task)) slot.tasks.forEach(skip);
  };
  for (const { task } of stepsOf(flow)) {
    const chosen = runsOf(run, task.name).flatMap((one) => one.chosen?.replace(/\.tasks$/, "") ?? []);
    if (chosen.length === 0) continue;
    for (const slot of slotsOf(task)) if (!chosen.includes(slot.key)) slot.tasks.forEach(skip);
  }
  return skipped;
}

export interface Progress {
  finished: number;
  total: number;
  failed: number;
}

export function progressOf(segments: readonly Segment[]): Progress {
  const count = (...status: StepStatus[]): number => segments.filter((one) => status.includes(one.status)).length;
  return { finished: count("done", "skipped"), total: segments.length, failed: count("failed", "doubt") };
}

/** What marks a run in which the sandbox played the models; empty for one of another server. */
export const markOf = (server: string): string => (server === "rehearsal" ? words.runs.rehearsal : server === "sandbox" ? words.app.sandbox : "");

/** Milliseconds that a step ran; null if nobody knows: a step in doubt whose process ended took longer than its events tell. */
export function timeOf(step: StepRun): number | null {
  if (step.ended === undefined) return null;
  const time = step.ended - step.started;
  if (step.status !== "doubt") return time;
  const before = step.earlier?.at(-1);
  const known = time + (before ? before.to - before.from : 0);
  return known < SHORTEST_MS ? null : known;
}

const SHORTEST_MS = 50; // a shorter time reads as 0.0 s

/** Milliseconds from the start to the end, or until now. */
export const elapsed = (run: RunState, now: number): number =>
  Math.max(0, (hasEnded(run) ? (run.ended ?? run.started) : now) - run.started);

/** The likely cost of all requests in doubt, in USD; undefined if that of one is not known. */
export function doubtfulCost(run: RunState): number | undefined {
  const costs = run.doubts.map((one) => one.likelyCost);
  return costs.every((one) => typeof one === "number") ? costs.reduce((sum, one) => sum + one, 0) : undefined;
}

/** What it means to send the requests in doubt again; empty if there are none. */
export const doubtHelp = (run: RunState): string => (run.doubts.length === 0 ? "" : words.runs.sendAgainHelp(doubtfulText(run)));

/** The likely cost of the requests in doubt in words; undefined if it is not known. */
export function doubtfulText(run: RunState): string | undefined {
  const cost = doubtfulCost(run);
  return cost === undefined ? undefined : money(cost);
}

function partOf(runs: readonly StepRun[]): number | null {
  const running = runs.find((one) => one.status === "running");
  if (!running) return null;
  if (runs.length > 1) return runs.filter((one) => one.status === "done").length / runs.length;
  const { progress } = running;
  return progress?.total ? progress.done / progress.total : null;
}
