import type { ReactElement } from "react";

import type { FlowEstimate } from "../flow/check";
import { words } from "../words";
import { estimated } from "./estimated";

/** What the flow is expected to cost: a range, or what is known of it. */
export function Estimate({ estimate }: { estimate: FlowEstimate | null }): ReactElement {
  const isKnown = estimate !== null && (estimate.low > 0 || estimate.high !== null);
  return (
    <span className="runbar-estimate">
      <b className="mono">{estimate === null ? words.runs.notKnown : estimated(estimate)}</b>
      <span>{isKnown ? (estimate.high === null ? `${words.runs.estimated}, ${words.runs.noBound}` : words.runs.estimated) : ""}</span>
    </span>
  );
}
