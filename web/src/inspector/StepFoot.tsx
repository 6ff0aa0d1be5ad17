// The estimate of the step, and the button that runs it.

import { Play, Square } from "lucide-react";
import { useCallback, useEffect, useState, type ReactElement } from "react";

import { Button, Tooltip } from "../design/controls";
import { money } from "../design/numbers";
import { isObject, type JsonObject } from "../flow/document";
import { useFlow } from "../flow/store";
import { hasEnded } from "../runs/state";
import { useRun } from "../runs/store";
import { words } from "../words";
import { useRecorded } from "../runs/recorded";
import { SampleDialog } from "./SampleDialog";
import { planOf, refusal, type StepPlan } from "./stepRun";
import type { InspectedStep } from "./useStep";

export function StepFoot({ found }: { found: InspectedStep }): ReactElement {
  const { step, check } = found;
  const [plan, setPlan] = useState<StepPlan | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isRunning = useRun(({ run }) => run !== null && !hasEnded(run));
  const cancel = useRun((state) => state.cancel);
  const name = step.task.name;
  const place = found.place;
  const start = useCallback(
    (ready: StepPlan, typed: JsonObject = {}) => {
      setPlan(null);
      setProblem(null);
      useRun
        .getState()
        .start({ flow: ready.flow, inputs: { ...ready.inputs, ...typed }, onePlace: { step: name, prefix: place.slice(0, place.length - name.length) } })
        .catch((error: unknown) => setProblem(refusal(error) ?? words.app.serverGone));
    },
    [name, place],
  );
  const run = useCallback(() => {
    const { flow } = useFlow.getState();
    const next = planOf(flow, step.task, useRecorded.getState().outputs, check?.outputs ?? {});
    if (next.missing.some((one) => one.required === true)) setPlan(next);
    else start(next);
  }, [step.task, check, start]);
  useRunKey(run, isRunning);
  return (
    <footer className="inspector-foot">
      {problem !== null ? <p className="inspector-refused" role="alert" title={problem}>{problem}</p> : <StepEstimate found={found} />}
      {isRunning ? (
        <Button onClick={() => void cancel()}>
          <Square /> {words.app.cancel}
        </Button>
      ) : (
        <Tooltip text={words.inspector.runStepHelp} keys="Ctrl-Enter">
          <Button look="primary" onClick={run}>
            <Play fill="currentColor" /> {words.inspector.runStep}
          </Button>
        </Tooltip>
      )}
      {plan && <SampleDialog name={name} plan={plan} onStart={(typed) => start(plan, typed)} onClose={() => setPlan(null)} />}
    </footer>
  );
}

/** Ctrl-Enter, from anywhere but a dialog. */
function useRunKey(run: () => void, isRunning: boolean): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const isKey = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (!isKey || isRunning || (event.target instanceof Element && event.target.closest("[role=dialog]"))) return;
      event.preventDefault();
      run();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [run, isRunning]);
}

function StepEstimate({ found }: { found: InspectedStep }): ReactElement {
  const estimate = estimateOf(found);
  if (!estimate) return <p className="inspector-estimate" />;
  const { low, high, basis } = estimate;
  const text = high === null ? (low > 0 ? words.inspector.from(money(low)) : words.inspector.notKnownYet) : low === high ? (low === 0 ? words.form.free : money(low)) : words.inspector.range(money(low), money(high));
  return (
    <p className="inspector-estimate" title={basis.join("\n")}>
      <b className="mono">{text}</b>
      <span>{basis[0]}</span>
    </p>
  );
}

interface Estimate {
  low: number;
  high: number | null;
  basis: string[];
}

function estimateOf({ step, check }: InspectedStep): Estimate | undefined {
  const steps = check?.estimate?.steps;
  const own = (Array.isArray(steps) ? steps : []).filter(isObject).find((one) => one.name === step.task.name);
  if (typeof own?.low !== "number") return undefined;
  const basis = Array.isArray(own.basis) ? own.basis.filter((one) => typeof one === "string") : [];
  return { low: own.low, high: typeof own.high === "number" ? own.high : null, basis };
}
