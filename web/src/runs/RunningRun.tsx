import { Square } from "lucide-react";
import type { ReactElement } from "react";

import { Button } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { duration } from "../design/numbers";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { elapsed, progressOf, segmentsOf } from "./progress";
import { RunCost } from "./RunCost";
import { Segments } from "./Segments";
import type { RunState } from "./state";
import { useRun } from "./store";
import { useNow } from "./useNow";

interface Props {
  run: RunState;
  /** Whether Esc was pressed once. */
  isWarned: boolean;
}

export function RunningRun({ run, isWarned }: Props): ReactElement {
  const flow = useFlow((state) => state.flow);
  const isLost = useRun((state) => state.isLost);
  const now = useNow(true);
  const segments = segmentsOf(flow, run);
  const { finished, total, failed } = progressOf(segments);
  return (
    <>
      <Button onClick={() => void useRun.getState().cancel()}>
        <Square className="runbar-play" /> {words.runs.cancelRun}
      </Button>
      <span className="runbar-progress">
        <Segments segments={segments} />
        <span className="runbar-text">
          {run.isRehearsal && <span className="runs-mark">{words.runs.rehearsal}</span>}
          <b className="runbar-running">{words.runs.status[run.status]}</b>
          <span>{isWarned ? words.runs.cancelHint : isLost ? words.runs.lost : run.prefix === undefined ? words.runs.finished(finished, total) : ""}</span>
          <span className="mono">{duration(elapsed(run, now))}</span>
          {failed > 0 && (
            <span className="runbar-failed">
              <Glyph status="failed" /> {words.runs.failedCount(failed)}
            </span>
          )}
        </span>
      </span>
      <RunCost run={run} />
    </>
  );
}
