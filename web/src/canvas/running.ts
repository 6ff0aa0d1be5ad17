// Run a step, or from a step on.

import { ApiProblem } from "../api/client";
import { useView } from "../app/view";
import { useOneStep } from "../runs/oneStep";
import { runFrom } from "../runs/onward";
import { hasEnded } from "../runs/state";
import { useRun } from "../runs/store";
import { words } from "../words";
import { announce } from "./ui";

/** Run one step with the recorded results of the others, or all from it on. */
export async function runStep(name: string, isOnward = false): Promise<void> {
  const { run } = useRun.getState();
  if (run && !hasEnded(run)) return;
  if (isOnward) return told(runFrom(name));
  return useOneStep.getState().run(name);
}

async function told(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const text = error instanceof ApiProblem ? error.message : words.app.serverGone;
    useView.getState().say(text);
    announce(text);
  }
}
