import type { ReactElement } from "react";

import { useComponent } from "../api/component";
import { ActionIcon } from "../design/ActionIcon";
import { duration, money } from "../design/numbers";
import type { FlowDocument } from "../flow/document";
import { words } from "../words";
import { elapsed } from "./progress";
import { hasEnded, type RunState } from "./state";
import { timelineOf, timeTicks, type TimelineRow } from "./timeline";
import { useNow } from "./useNow";

interface Props {
  run: RunState;
  flow: FlowDocument | undefined;
}

/** When each step ran, how long it took and what it cost. */
export function Timeline({ run, flow }: Props): ReactElement {
  const now = useNow(!hasEnded(run));
  const length = Math.max(1, elapsed(run, now));
  const rows = timelineOf(run, flow, now);
  const place = (at: number): string => `${Math.min(100, Math.max(0, ((at - run.started) / length) * 100))}%`;
  const marks = timeTicks(length);
  return (
    <div className="runs-timeline" role="table" aria-label={words.runs.stepsTitle}>
      <div className="runs-step runs-step-head" role="row">
        <span role="columnheader">{words.runs.step}</span>
        <span role="columnheader" className="runs-track" aria-label={words.runs.started}>
          {marks.map((mark) => (
            <em key={mark} className="mono" style={{ left: place(run.started + mark) }}>
              {mark === 0 ? "0 s" : duration(mark)}
            </em>
          ))}
        </span>
        <span role="columnheader" className="runs-number">
          {words.runs.time}
        </span>
        <span role="columnheader" className="runs-number">
          {words.runs.cost}
        </span>
      </div>
      {rows.map((row) => (
        <Step key={row.name} row={row} marks={marks.map((mark) => place(run.started + mark))} place={place} />
      ))}
    </div>
  );
}

function Step({ row, marks, place }: { row: TimelineRow; marks: string[]; place: (at: number) => string }): ReactElement {
  const { data: component } = useComponent();
  const action = row.isWord ? undefined : component?.actions.find((one) => one.name === row.action);
  const [first, last] = [row.bars[0], row.bars.at(-1)];
  const isBad = row.status === "failed" || row.status === "doubt";
  return (
    <div className={`runs-step ${isBad ? `runs-step-${row.status}` : ""}`} role="row">
      <span role="cell" className="runs-step-name" style={{ paddingLeft: row.depth * 18 }} title={row.name}>
        <ActionIcon of={action ?? row.action} size="small" />
        <b>{row.label}</b>
      </span>
      <span role="cell" className="runs-track">
        {marks.map((left) => (
          <u key={left} style={{ left }} aria-hidden />
        ))}
        {row.bars.map((bar, index) => (
          <i key={index} className={`runs-bar-${bar.status}`} style={{ left: place(bar.from), width: `max(3px, calc(${place(bar.to)} - ${place(bar.from)}))` }} />
        ))}
        {(!first || !last) && <span className="runs-none">{row.status === "skipped" ? words.states.skipped : words.runs.notStartedStep}</span>}
        {first && <span className="sr-only">{words.states[row.status]}</span>}
      </span>
      <span role="cell" className="mono runs-number">
        {row.time === null ? "" : duration(row.time)}
      </span>
      <span role="cell" className="mono runs-number">
        {row.cost > 0 || (!row.isWord && row.bars.length > 0) ? money(row.cost) : ""}
      </span>
    </div>
  );
}
