// The steps of a run on a common axis of time. Pure.

import type { Schemas } from "../api/client";
import { wordOf } from "../flow/containers";
import { isObject, type FlowDocument, type Json, type JsonObject } from "../flow/document";
import { stepsOf } from "../flow/tree";
import { skippedIn, statusOf, timeOf } from "./progress";
import { newRun, type RunState, type StepError, type StepRun, type StepStatus, type StepTry } from "./state";

export interface TimelineRow {
  name: string;
  label: string;
  /** The action that it calls, or the word of the flow. */
  action: string;
  isWord: boolean;
  depth: number;
  status: StepStatus;
  /** One for each try of each item, also for those before a resume. */
  bars: StepTry[];
  /** Milliseconds from the first start to the last end, of the last tries. */
  time: number | null;
  cost: number;
}

/** A run as its details tell it, in the form of one that was watched. */
export function runOf(details: Schemas["RunDetails"]): RunState {
  const run = newRun(details, { budget: details.options.budget as Json, inputs: details.inputs as JsonObject });
  const steps = details.steps.map((step) => stepRun(step as unknown as Record<string, Json>, run.isRehearsal === true));
  return {
    ...run,
    status: details.status,
    ...(typeof details.ended === "number" ? { ended: details.ended * 1000 } : {}),
    steps: Object.fromEntries(steps.map((step) => [step.place, step])),
    order: steps.map((step) => step.place),
    cost: details.cost,
    doubts: details.doubts.filter(isObject),
    ...(isObject(details.outputs) ? { outputs: details.outputs } : {}),
    ...(isObject(details.error) ? { error: details.error as unknown as StepError } : {}),
    ...(typeof details.place === "string" ? { place: details.place } : {}),
  };
}

/** A row for each step of the flow; without the flow, for each step that began. */
export function timelineOf(run: RunState, flow: FlowDocument | undefined, now: number): TimelineRow[] {
  const skipped = flow ? skippedIn(flow, run) : new Set<string>();
  const known = flow
    ? stepsOf(flow).map(({ task, around }) => ({
        name: task.name,
        label: task.label || task.name,
        action: task.type.split("/")[2] ?? wordOf(task),
        isWord: task.type.split("/").length < 3,
        depth: around.length,
      }))
    : [...new Set(run.order.map((place) => run.steps[place]?.step ?? place))].map((name) => {
        const first = Object.values(run.steps).find((step) => step.step === name);
        return { name, label: name, action: first?.action ?? "", isWord: !first?.action, depth: (first?.place.split(".").length ?? 1) - 1 };
      });
  return known.map((row) => {
    const runs = run.order.flatMap((place) => (run.steps[place]?.step === row.name ? (run.steps[place] ?? []) : []));
    const last = runs.map((one) => ({ from: one.started, to: one.ended ?? (one.status === "running" ? now : one.started), status: one.status }));
    return {
      ...row,
      status: runs.length === 0 && skipped.has(row.name) ? "skipped" : statusOf(runs),
      bars: runs.flatMap((one) => one.earlier ?? []).concat(last),
      time: last.length === 0 ? null : runs[0] && runs.length === 1 && runs[0].status === "doubt" ? timeOf(runs[0]) : Math.max(...last.map((bar) => bar.to)) - Math.min(...last.map((bar) => bar.from)),
      cost: runs.reduce((sum, one) => sum + one.cost, 0),
    };
  });
}

/** Marks of an axis of time in milliseconds: at most five, at round seconds. */
export function timeTicks(length: number): number[] {
  const seconds = length / 1000;
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600].find((one) => seconds / one <= 5) ?? Math.ceil(seconds / 5);
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => Math.round(index * step * 1000));
}

function stepRun(step: Record<string, Json>, isFree: boolean): StepRun {
  const { place, step: name, started, ended, action, output, metadata, error, chosen, earlier } = step;
  const problem = isObject(error) ? (error as unknown as StepError) : undefined;
  const known = isObject(metadata) ? metadata : undefined;
  return {
    place: typeof place === "string" ? place : "",
    step: typeof name === "string" ? name : "",
    status: statusIn(step),
    started: Number(started) * 1000,
    ...(typeof ended === "number" ? { ended: ended * 1000 } : {}),
    ...(typeof action === "string" ? { action } : {}),
    ...(typeof chosen === "string" ? { chosen } : {}),
    text: "",
    reasoning: "",
    ...(output === undefined ? {} : { output }),
    ...(known ? { metadata: known } : {}),
    ...(problem ? { error: problem } : {}),
    ...(Array.isArray(earlier) && earlier.length > 0 ? { earlier: earlier.filter(isObject).map(stepTry) } : {}),
    cost: !isFree && typeof known?.cost === "number" ? known.cost : 0,
  };
}

/** A try that never ended was stopped with its process. */
function stepTry(one: JsonObject): StepTry {
  const status = statusIn(one);
  return { status: status === "running" ? "waiting" : status, from: Number(one.started) * 1000, to: Number(one.ended) * 1000 };
}

function statusIn({ state, error }: JsonObject): StepStatus {
  if (state !== "failed") return state === "done" ? "done" : "running";
  return isObject(error) && error.type === "InDoubtError" ? "doubt" : "failed";
}
