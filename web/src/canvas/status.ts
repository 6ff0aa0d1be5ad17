// How a step of the canvas goes in the run that is shown.

import { nameOf } from "../flow/tree";
import { placeOf } from "../runs/place";
import { hasEnded, type RunState, type StepRun, type StepStatus } from "../runs/state";
import { useRun } from "../runs/store";
import type { GraphNode } from "./graph";

export type NodeStatus = StepStatus | "idle";

type Placed = Pick<GraphNode, "id" | "around" | "within">;

/** The status of a step in a run; `idle` without one. */
export function statusIn(run: RunState | null, node: Placed, shown: Record<string, number>): NodeStatus {
  if (!run) return "idle";
  if (node.id.startsWith("output:")) return nameOf(node.id).slice("output:".length) in (run.outputs ?? {}) ? "done" : "idle";
  const step = run.steps[placeIn(node, shown)];
  if (step && !(step.status === "waiting" && hasEnded(run))) return step.status;
  // A run that began before the step was added says nothing about it, and a run of one step nothing about the others.
  if (run.stepNames?.has(nameOf(node.id)) === false) return "idle";
  if (isPassedOver(run, node, shown)) return "skipped";
  if (run.prefix !== undefined) return "idle";
  if (!hasEnded(run)) return "waiting";
  return run.status === "succeeded" ? "skipped" : "idle";
}

export const placeIn = (node: Placed, shown: Record<string, number>): string =>
  placeOf(nameOf(node.id), node.around, shown);

/** The list that a container around the step chose, if it is another one than that of the step. */
export function otherChoice(run: RunState, node: Placed, shown: Record<string, number>): string | undefined {
  for (const [id, slot] of node.within) {
    const name = nameOf(id);
    const depth = node.around.findIndex((one) => one.name === name);
    const chosen = run.steps[placeOf(name, node.around.slice(0, depth), shown)]?.chosen?.replace(/\.tasks$/, "");
    if (chosen !== undefined && chosen !== "" && chosen !== slot) return chosen;
  }
  return undefined;
}

const isPassedOver = (run: RunState, node: Placed, shown: Record<string, number>): boolean =>
  otherChoice(run, node, shown) !== undefined;

export const useStatus = (node: Placed): NodeStatus => useRun((state) => statusIn(state.run, node, state.shownItems));

export const useStepRun = (node: Placed): StepRun | undefined =>
  useRun((state) => state.run?.steps[placeIn(node, state.shownItems)]);
