// The estimate of the step, and the button that runs it.

import { Play, Square } from "lucide-react";
import type { ReactElement } from "react";

import { Button, Tooltip } from "../design/controls";
import { isObject } from "../flow/document";
import { estimated } from "../runs/estimated";
import { useOneStep } from "../runs/oneStep";
import { hasEnded } from "../runs/state";
import { useRun } from "../runs/store";
import { words } from "../words";
import type { InspectedStep } from "./useStep";

export function StepFoot({ found }: { found: InspectedStep }): ReactElement {
  const { name } = found.step.task;
  const isRunning = useRun(({ run }) => run !== null && !hasEnded(run));
  const cancel = useRun((state) => state.cancel);
  const run = useOneStep((state) => state.run);
  const problem = useOneStep((state) => (state.problem?.name === name ? state.problem.text : null));
  return (
    <footer className="inspector-foot">
      {problem !== null ? <p className="inspector-refused" role="alert" title={problem}>{problem}</p> : <StepEstimate found={found} />}
      {isRunning ? (
        <Button onClick={() => void cancel()}>
          <Square /> {words.app.cancel}
        </Button>
      ) : (
        <Tooltip text={words.inspector.runStepHelp} keys="Ctrl-Enter">
          <Button look="primary" onClick={() => void run(name)}>
            <Play fill="currentColor" /> {words.inspector.runStep}
          </Button>
        </Tooltip>
      )}
    </footer>
  );
}

function StepEstimate({ found }: { found: InspectedStep }): ReactElement {
  const estimate = estimateOf(found);
  if (!estimate) return <p className="inspector-estimate" />;
  const { low, high, basis } = estimate;
  return (
    <p className="inspector-estimate" title={basis.join("\n")}>
      <b className="mono">{estimated({ low, high })}</b>
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
