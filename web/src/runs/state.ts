// How a run goes, folded from its events. The same for one that is watched and one in the past.

import type { ProblemDocument, Schemas } from "../api/client";
import { isObject, type FlowDocument, type Json, type JsonObject } from "../flow/document";
import { stepsOf } from "../flow/tree";
import { isFileEntry, type FileEntry } from "../results/files";

export type StepStatus = "waiting" | "running" | "done" | "failed" | "skipped" | "doubt";
export type RunStatus =
  | "queued"
  | "running"
  | "succeeded"
  | "failed"
  | "in doubt"
  | "cancelled"
  | "interrupted";

/** When a step ran, in milliseconds since 1970. */
export interface StepTry {
  status: StepStatus;
  from: number;
  to: number;
}

export interface StepRun {
  /** `ask_1`, or `each_1[2].ask_1` for the third item of `each_1`. */
  place: string;
  step: string;
  status: StepStatus;
  /** Milliseconds since 1970. */
  started: number;
  ended?: number;
  action?: string;
  text: string;
  reasoning: string;
  output?: Json;
  metadata?: JsonObject;
  error?: StepError;
  progress?: { done: number; total: number | null; unit: string };
  /** An image that is not finished. */
  preview?: FileEntry;
  /** The list that a condition or a branch chose: `caseTrue`. */
  chosen?: string;
  /** How often it was tried again. */
  tries?: number;
  /** The tries before a resume, as the details of the run list them. */
  earlier?: StepTry[];
  cost: number;
}

/** As problem documents, in the words of the events: `type` is `RateLimitedError`. */
export type StepError = Partial<ProblemDocument> & { type: string; message?: string };

export interface RunState {
  id: string;
  label: string;
  status: RunStatus;
  started: number;
  ended?: number;
  steps: Record<string, StepRun>;
  /** Steps in the order in which they began. */
  order: string[];
  cost: number;
  outputs?: JsonObject;
  error?: StepError;
  place?: string;
  doubts: JsonObject[];
  /** Of a run of one step: the containers around it in the flow, such as `each_1[2].`. Put before the place of each event. */
  prefix?: string;
  /** USD that the run may cost; undefined without a limit. */
  budget?: number;
  /** Whether the sandbox plays the models, at no cost. */
  isRehearsal?: boolean;
  /** The inputs of the flow, as far as this page knows them. */
  inputs?: JsonObject;
  /** The names of the steps that the flow had when the run began. */
  stepNames?: ReadonlySet<string>;
  /** Of the last event that is stored: from here a watcher goes on. */
  lastEvent?: string;
}

export interface RunEvent extends JsonObject {
  type: string;
  place?: string;
  step?: string;
  /** Seconds since 1970. */
  at?: number;
}

type Started = Pick<Schemas["StartedRun"], "id" | "label" | "created"> & { server?: string };

export const newRun = ({ id, label, created, server }: Started, known: { budget?: Json | undefined; inputs?: JsonObject | undefined; flow?: FlowDocument } = {}): RunState => ({
  id,
  label,
  status: "queued",
  started: created * 1000,
  steps: {},
  order: [],
  cost: 0,
  doubts: [],
  ...(server === "rehearsal" ? { isRehearsal: true } : {}),
  ...(typeof known.budget === "number" ? { budget: known.budget } : {}),
  ...(known.inputs ? { inputs: known.inputs } : {}),
  ...(known.flow ? { stepNames: new Set(stepsOf(known.flow).map(({ task }) => task.name)) } : {}),
});

export const hasEnded = (run: RunState): boolean => run.status !== "queued" && run.status !== "running";

/** Whether a run ended in a way from which it goes on. */
export const canResume = (run: RunState): boolean => hasEnded(run) && run.status !== "succeeded";

/** The state of a step that a whole run is shown like. */
export function glyphOf(status: RunStatus): StepStatus {
  const glyphs: Record<RunStatus, StepStatus> = {
    queued: "waiting",
    running: "running",
    succeeded: "done",
    failed: "failed",
    "in doubt": "doubt",
    cancelled: "skipped",
    interrupted: "failed",
  };
  return glyphs[status];
}

/** Return the run after an event. */
export function afterEvent(run: RunState, event: RunEvent, id?: string): RunState {
  const known = id === undefined ? run : { ...run, lastEvent: id };
  if (event.type === "ended") return ended(known, event);
  if (event.type === "running" || event.type === "resumed") {
    const { ended: _, error: __, ...rest } = known;
    return { ...rest, status: "running", doubts: [] };
  }
  if (!event.place) return known;
  const at = (event.at ?? 0) * 1000;
  const old = event.type === "started" ? undefined : known.steps[event.place];
  const before = old ?? fresh(event.place, event.step ?? "", at);
  const told = stepAfter(before, event, at);
  const after = known.isRehearsal ? { ...told, cost: 0 } : told;
  return {
    ...known,
    steps: { ...known.steps, [event.place]: after },
    order: event.place in known.steps ? known.order : [...known.order, event.place],
    cost: known.cost + after.cost - (known.steps[event.place]?.cost ?? 0),
  };
}

function fresh(place: string, step: string, at: number): StepRun {
  return { place, step, status: "running", started: at, text: "", reasoning: "", cost: 0 };
}

function stepAfter(step: StepRun, event: RunEvent, at: number): StepRun {
  switch (event.type) {
    case "started":
      return { ...step, ...(typeof event.action === "string" ? { action: event.action } : {}) };
    case "delta":
      return {
        ...step,
        text: step.text + textOf(event.text),
        reasoning: step.reasoning + textOf(event.reasoning),
      };
    case "progress": {
      const total = typeof event.total === "number" ? event.total : null;
      const done = typeof event.done === "number" ? event.done : 0;
      const preview = isFileEntry(event.preview) ? { preview: event.preview } : {};
      const known = { ...step, ...preview, progress: { done, total, unit: textOf(event.unit) } };
      return done === total && event.unit === "items" ? { ...known, status: "done", ended: at } : known;
    }
    case "retry": {
      const { preview: _, ...rest } = step;
      return { ...rest, status: "running", tries: Number(event.tries ?? 1), text: "", reasoning: "" };
    }
    case "chosen":
      return { ...step, chosen: textOf(event.slot), status: "done", ended: at };
    case "result": {
      const metadata = isObject(event.metadata) ? event.metadata : undefined;
      return {
        ...step,
        status: "done",
        ended: at,
        output: event.output ?? null,
        ...(metadata ? { metadata } : {}),
        cost: typeof metadata?.cost === "number" ? metadata.cost : step.cost,
      };
    }
    case "failed": {
      const error = (isObject(event.error) ? event.error : {}) as unknown as StepError;
      return { ...step, status: error.type === "InDoubtError" ? "doubt" : "failed", ended: at, error };
    }
    default:
      return step;
  }
}

function ended(run: RunState, event: RunEvent): RunState {
  const at = (event.at ?? 0) * 1000;
  const steps = Object.fromEntries(
    Object.entries(run.steps).map(([place, step]) => [
      place,
      // A container ends with its run, and what was under way was stopped with it.
      step.status === "running"
        ? { ...step, status: event.status === "succeeded" ? ("done" as const) : ("waiting" as const), ended: at }
        : step,
    ]),
  );
  return {
    ...run,
    steps,
    status: textOf(event.status) as RunStatus,
    ended: at,
    cost: typeof event.cost === "number" ? event.cost : run.cost,
    doubts: Array.isArray(event.doubts) ? event.doubts.filter(isObject) : [],
    ...(isObject(event.outputs) ? { outputs: event.outputs } : {}),
    ...(isObject(event.error) ? { error: event.error as unknown as StepError } : {}),
    ...(typeof event.place === "string" && event.place ? { place: event.place } : {}),
  };
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
