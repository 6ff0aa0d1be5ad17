// How a step of the canvas goes in the run that is shown.

import { placeOf } from "../runs/place";
import type { RunState, StepRun, StepStatus } from "../runs/state";
import { useRun } from "../runs/store";
import { nameOf, type GraphNode } from "./graph";

export type NodeStatus = StepStatus | "idle";

type Placed = Pick<GraphNode, "id" | "around" | "within">;

/** The status of a step in a run; `idle` without one. */
export function statusIn(run: RunState | null, node: Placed, shown: Record<string, number>): NodeStatus {
  if (!run) return "idle";
  const step = run.steps[placeIn(node, shown)];
  if (step) return step.status;
  if (isPassedOver(run, node, shown)) return "skipped";
  // A run of one step passes over nothing: the others wait for their turn.
  return run.prefix === undefined && run.status === "succeeded" ? "skipped" : "waiting";
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
