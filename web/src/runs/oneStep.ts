// Run one step with what is recorded of the others; asks for what nothing is recorded of.

import { create } from "zustand";

import { useView } from "../app/view";
import { lastCheck } from "../flow/check";
import type { JsonObject } from "../flow/document";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { words } from "../words";
import { aroundOf, placeOf } from "./place";
import { useRecorded } from "./recorded";
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
    const place = placeOf(name, aroundOf(useFlow.getState().flow, name), useRun.getState().shownItems);
    const onePlace = { step: name, prefix: place.slice(0, place.length - name.length) };
    try {
      await useRun.getState().start({ flow: plan.flow, inputs: { ...plan.inputs, ...values }, onePlace });
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
      const { flow } = useFlow.getState();
      const task = find(flow, name)?.task;
      if (!task) return;
      const plan = planOf(flow, task, useRecorded.getState().outputs, lastCheck()?.outputs ?? {});
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
