// Run a step, or from a step on.

import { ApiProblem } from "../api/client";
import { useView } from "../app/view";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { useRecorded } from "../inspector/recorded";
import { planOf } from "../inspector/stepRun";
import { aroundOf, placeOf } from "../runs/place";
import { hasEnded } from "../runs/state";
import { useRun } from "../runs/store";
import { words } from "../words";
import { currentCheck } from "./commands";
import { announce } from "./ui";

/** Run one step with the recorded results of the others, or all from it on. */
export async function runStep(name: string, isOnward = false): Promise<void> {
  const { run, rerun, shownItems, start } = useRun.getState();
  if (run && !hasEnded(run)) return;
  if (isOnward) return run ? told(rerun(name)) : undefined;
  const { flow } = useFlow.getState();
  const task = find(flow, name)?.task;
  if (!task) return;
  const plan = planOf(flow, task, useRecorded.getState().outputs, currentCheck()?.outputs ?? {});
  if (plan.missing.some((one) => one.required === true)) {
    // The inspector asks for what nothing is recorded of.
    useFlow.getState().select([name]);
    useView.getState().setInspector({ isInspectorOpen: true });
    useView.getState().say(words.canvas.needsValues(plan.missing.map((one) => one.name).join(", ")));
    return;
  }
  const place = placeOf(name, aroundOf(flow, name), shownItems);
  const onePlace = { step: name, prefix: place.slice(0, place.length - name.length) };
  return told(start({ flow: plan.flow, inputs: plan.inputs, onePlace }));
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
