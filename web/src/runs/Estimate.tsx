import type { ReactElement } from "react";

import { money } from "../design/numbers";
import type { FlowEstimate } from "../flow/check";
import { words } from "../words";

/** What the flow is expected to cost: a range, or what is known of it. */
export function Estimate({ estimate }: { estimate: FlowEstimate | null }): ReactElement {
  const isKnown = estimate !== null && (estimate.low > 0 || (estimate.high ?? 0) > 0);
  return (
    <span className="runbar-estimate">
      <b className="mono">{isKnown ? words.runs.estimate(money(estimate.low), estimate.high === null ? null : money(estimate.high)) : words.runs.noPrice}</b>
      <span>{isKnown ? (estimate.high === null ? `${words.runs.estimated}, ${words.runs.noBound}` : words.runs.estimated) : ""}</span>
    </span>
  );
}
