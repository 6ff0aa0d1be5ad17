// What the server knows of the open flow before it runs: problems, the shape of outputs, the estimate.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { create } from "zustand";

import { json, type Schemas } from "../api/client";
import { isObject, type FlowDocument, type JsonObject, type Task } from "./document";
import { useFlow } from "./store";

export interface FlowEstimate extends JsonObject {
  low: number;
  /** Null if it has no upper bound. */
  high: number | null;
  currency: string;
}

export interface FlowCheck {
  canRun: boolean;
  problems: Schemas["ProblemItem"][];
  warnings: Schemas["ProblemItem"][];
  unsupported: Schemas["UnsupportedStep"][];
  /** The steps that each step reads. */
  needs: Record<string, string[]>;
  /** The JSON Schema of the output of each step. */
  outputs: Record<string, JsonObject>;
  estimate: FlowEstimate | null;
  /** The flow that was checked: the paths are places in this one. */
  flow: FlowDocument;
}

/** A problem at a step; `path` is a place in the parameters of the step, such as `response.responseFormat`. */
export interface StepProblem {
  path: string;
  message: string;
}

const WAIT_MS = 300;

// One delayed copy of the flow for all rooms, so that they share one request.
const useSettled = create<{ flow: FlowDocument; revision: number }>()(() => ({
  flow: useFlow.getState().flow,
  revision: 0,
}));
let timer: ReturnType<typeof setTimeout> | undefined;
useFlow.subscribe((state, before) => {
  if (state.flow === before.flow) return;
  clearTimeout(timer);
  timer = setTimeout(
    () => useSettled.setState((old) => ({ flow: state.flow, revision: old.revision + 1 })),
    WAIT_MS,
  );
});

let last: FlowCheck | undefined;

/** The last check, for what is no component. */
export const lastCheck = (): FlowCheck | undefined => last;

/** Check the open flow a moment after each change; the last result stays until the next one is there. */
export function useFlowCheck(): FlowCheck | undefined {
  const { flow, revision } = useSettled();
  const { data } = useQuery({
    queryKey: ["flow-check", revision],
    queryFn: async ({ signal }) => {
      last = { ...(await checked(flow, signal)), flow } as FlowCheck;
      return last;
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
    enabled: flow.tasks.length > 0,
  });
  return flow.tasks.length > 0 ? data : undefined;
}

const checked = (flow: FlowDocument, signal: AbortSignal): Promise<Schemas["FlowCheckResponse"]> =>
  json("/api/flows/check", { body: { flow, estimate: true }, signal });

/** The problems of each step by its name; those of the flow itself under `""`. */
export function byStep(
  flow: FlowDocument,
  problems: readonly { path: string; message: string }[],
): Record<string, StepProblem[]> {
  const found: Record<string, StepProblem[]> = {};
  for (const { path, message } of problems) {
    const [name, rest] = stepAt(flow, path);
    (found[name] ??= []).push({ path: rest, message });
  }
  return found;
}

/** The innermost step at a place of the flow, and the rest of the path within its parameters. */
export function stepAt(flow: FlowDocument, path: string): [name: string, rest: string] {
  const parts = partsOf(path);
  let value: unknown = flow;
  let name = "";
  let from = 0;
  parts.forEach((part, index) => {
    value = Array.isArray(value) ? value[Number(part)] : isObject(value) ? value[part] : undefined;
    if (!isTask(value)) return;
    name = value.name;
    from = index + 1;
  });
  const rest = parts.slice(parts[from] === "parameters" ? from + 1 : from);
  return [name, rest.reduce((text, part) => (/^\d+$/.test(part) ? `${text}[${part}]` : text ? `${text}.${part}` : part), "")];
}

function partsOf(path: string): string[] {
  return [...path.matchAll(/\[(?:'([^']*)'|"([^"]*)"|(\d+))\]|[^.[\]]+/g)].map(
    (found) => found[1] ?? found[2] ?? found[3] ?? found[0],
  );
}

function isTask(value: unknown): value is Task {
  return isObject(value) && typeof value.name === "string" && typeof value.type === "string" && value.type.includes("/");
}
