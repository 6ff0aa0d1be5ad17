import type { CSSProperties, ReactElement } from "react";

import { money } from "../design/numbers";
import { useFlowCheck, type FlowEstimate } from "../flow/check";
import { words } from "../words";
import { doubtfulText } from "./progress";
import { forecastOf } from "./forecast";
import { hasEnded, type RunState } from "./state";

/** What a run costs so far, beside what was expected, and how much of its budget is left. */
export function RunCost({ run }: { run: RunState }): ReactElement {
  const estimate = expectedOf(useFlowCheck()?.estimate, run);
  const expected = estimate ? (estimate.high ?? estimate.low) : 0;
  const doubtful = doubtfulText(run);
  const { budget } = run;
  return (
    <span className="runbar-cost">
      <span>
        <b className="mono">{run.isRehearsal ? words.runs.rehearsalCost : money(run.cost)}</b>
        {run.doubts.length > 0 && !run.isRehearsal && <span className="mono runbar-doubtful">+ {doubtful}?</span>}
        {expected > 0 && !hasEnded(run) && !run.isRehearsal && (
          <span>
            {estimate?.high == null ? words.runs.atLeast : words.runs.about} <span className="mono">{money(expected)}</span>
          </span>
        )}
      </span>
      {budget !== undefined && (
        <span className="runbar-budget-row">
          <span
            className="runbar-budget"
            role="meter"
            aria-label={words.runs.budget}
            aria-valuemin={0}
            aria-valuemax={budget}
            aria-valuenow={run.cost}
            style={{ "--spent": part(run.cost, budget), "--expected": part(expected, budget) } as CSSProperties}
          />
          <span>{words.runs.budgetOf(money(budget))}</span>
        </span>
      )}
    </span>
  );
}

/** What the run is expected to cost: of one step alone, what that one does. */
function expectedOf(estimate: FlowEstimate | null | undefined, run: RunState): { low: number; high: number | null } | null {
  if (!estimate || run.prefix === undefined) return estimate ?? null;
  // Such a run also shows the steps that ran before it.
  const running = new Set(Object.values(run.steps).flatMap((step) => (step.status === "running" ? [step.step] : [])));
  const own = forecastOf(estimate, 1).steps.filter((step) => running.has(step.name));
  const high = own.some((step) => step.high === null) ? null : own.reduce((sum, step) => sum + (step.high ?? 0), 0);
  return { low: own.reduce((sum, step) => sum + step.low, 0), high };
}

const part = (cost: number, budget: number): string => `${budget > 0 ? Math.min(100, (cost / budget) * 100) : 100}%`;
