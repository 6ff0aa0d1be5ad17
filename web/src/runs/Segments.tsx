import type { CSSProperties, ReactElement } from "react";

import { useFlow } from "../flow/store";
import { words } from "../words";
import type { Segment } from "./progress";

/** One bar a step, in the colours and patterns of their states; a click selects the step. */
export function Segments({ segments }: { segments: readonly Segment[] }): ReactElement {
  return (
    <span className="runbar-segments">
      {segments.map((one) => (
        <button
          key={one.name}
          type="button"
          tabIndex={-1}
          className={`runbar-segment runbar-segment-${one.status}`}
          style={one.part === null ? undefined : ({ "--part": `${Math.max(8, one.part * 100)}%` } as CSSProperties)}
          title={`${one.label}: ${words.states[one.status]}`}
          aria-label={`${one.label}: ${words.states[one.status]}`}
          onClick={() => useFlow.getState().select([one.name])}
        />
      ))}
    </span>
  );
}
