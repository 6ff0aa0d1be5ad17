// Run a step, or from a step on.

import { ApiProblem } from "../api/client";
import { useView } from "../app/view";
import type { JsonObject } from "../flow/document";
import { useFlow } from "../flow/store";
import { stepsOf } from "../flow/tree";
import { useRun } from "../runs/store";
import { announce } from "./ui";

/** Run one step with the recorded results of the others, or all from it on. */
export async function runStep(name: string, isOnward = false): Promise<void> {
  const { run, rerun } = useRun.getState();
  if (isOnward && run) return told(rerun(name));
  const { flow } = useFlow.getState();
  const pinned: JsonObject = {};
  for (const { task } of stepsOf(flow)) {
    const step = run?.steps[task.name];
    if (task.name !== name && step?.status === "done" && step.output !== undefined) pinned[task.name] = step.output;
  }
  return told(useRun.getState().start({ flow, only: name, pinned }));
}

async function told(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const text = error instanceof ApiProblem ? error.message : String(error);
    useView.getState().say(text);
    announce(text);
  }
}
