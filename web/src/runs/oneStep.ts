// Run one step with what is recorded of the others; asks for what nothing is recorded of.

import { create } from "zustand";

import { useView } from "../app/view";
import { byStep, lastCheck } from "../flow/check";
import type { JsonObject } from "../flow/document";
import { leave } from "../flow/left";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { words } from "../words";
import { onePlace } from "./place";
import { hasLoaded, recordedFor, useRecorded } from "./recorded";
import { planOf, refusal, type StepPlan } from "./stepPlan";
import { useRun } from "./store";

interface OneStep {
  /** What waits for values that a person types. */
  asked: { name: string; plan: StepPlan } | null;
  /** Why a step did not start. */
  problem: { name: string; text: string } | null;
  run: (name: string) => Promise<void>;
  /** Start what was asked for, with the typed values. */
  go: (values: JsonObject) => Promise<void>;
  close: () => void;
}

export const useOneStep = create<OneStep>()((set, get) => {
  const start = async (name: string, plan: StepPlan, values: JsonObject): Promise<void> => {
    set({ asked: null, problem: null });
    const { flow, id } = useFlow.getState();
    const place = onePlace(flow, name, useRun.getState().shownItems);
    try {
      await useRun.getState().start({ flow: plan.flow, flowId: id, inputs: { ...plan.inputs, ...values }, onePlace: place });
    } catch (error) {
      const text = refusal(error) ?? words.app.serverGone;
      set({ problem: { name, text } });
      if (!useView.getState().isInspectorOpen) useView.getState().say(text);
    }
  };
  return {
    asked: null,
    problem: null,
    run: async (name) => {
      leave(name);
      const { flow } = useFlow.getState();
      const task = find(flow, name)?.task;
      if (!task || !(await hasLoaded())) return;
      const missing = missingIn(name);
      if (missing > 0) {
        // The form marks each of them: what the server would say of them is said there.
        set({ problem: { name, text: words.runs.fillFirst(missing) } });
        return;
      }
      const plan = planOf(flow, task, recordedFor(false), lastCheck()?.outputs ?? {});
      if (plan.missing.some((one) => one.required === true)) set({ asked: { name, plan } });
      else await start(name, plan, {});
    },
    go: async (values) => {
      const { asked } = get();
      if (!asked) return;
      useRecorded.getState().keep(values);
      await start(asked.name, asked.plan, values);
    },
    close: () => set({ asked: null }),
  };
});

/** How many required values of a step are missing, as far as the check of the flow as it is now says. */
function missingIn(name: string): number {
  const [check, { flow }] = [lastCheck(), useFlow.getState()];
  if (check?.flow !== flow) return 0;
  return (byStep(flow, check.problems)[name] ?? []).filter(({ message }) => /^is missing\b/.test(message)).length;
}
