import type { CSSProperties, ReactElement } from "react";

import { money } from "../design/numbers";
import { useFlowCheck } from "../flow/check";
import { words } from "../words";
import { doubtfulText } from "./progress";
import { expectedOf } from "./forecast";
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

const part = (cost: number, budget: number): string => `${budget > 0 ? Math.min(100, (cost / budget) * 100) : 100}%`;
