// After a run: how it ended, and what can be done next.

import { ChevronDown, FlaskConical, Play, RotateCcw, SlidersHorizontal, X } from "lucide-react";
import type { ReactElement } from "react";

import { useView } from "../app/view";
import { Button, IconButton, Menu, MenuItem, Tooltip } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { duration } from "../design/numbers";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { adviceOf } from "./advice";
import type { RunDialogName } from "./dialogs";
import { doubtHelp, elapsed, progressOf, segmentsOf } from "./progress";
import { runFrom } from "./onward";
import { RunCost } from "./RunCost";
import { Segments } from "./Segments";
import { canResume, glyphOf, type RunState } from "./state";
import { refusal } from "./stepPlan";
import { useRun } from "./store";
import { useTopStep } from "./useTopStep";

interface Props {
  run: RunState;
  onRun: () => void;
  onDialog: (dialog: RunDialogName) => void;
}

export function EndedRun({ run, onRun, onDialog }: Props): ReactElement {
  const flow = useFlow((state) => state.flow);
  const segments = segmentsOf(flow, run);
  const { finished, total } = progressOf(segments);
  const where = run.place ? (segments.find((one) => one.name === run.steps[run.place ?? ""]?.step)?.label ?? run.place) : "";
  const why = run.error ? adviceOf(run.error).title : "";
  return (
    <>
      <Actions run={run} onRun={onRun} onDialog={onDialog} />
      <span className="runbar-progress">
        <Segments segments={segments} />
        <span className="runbar-text">
          <Glyph status={glyphOf(run.status)} />
          {run.isRehearsal && <span className="runs-mark">{words.runs.rehearsal}</span>}
          <b className={`runbar-outcome-${glyphOf(run.status)}`}>{words.runs.status[run.status]}</b>
          <span className="runbar-why" title={run.error?.message}>
            {why ? (where ? words.runs.at(where, why) : why) : run.prefix === undefined ? words.runs.finished(finished, total) : words.runs.oneStep}
          </span>
          <span className="mono">{duration(elapsed(run, 0))}</span>
        </span>
      </span>
      <RunCost run={run} />
      <IconButton label={words.runs.hide} onClick={() => useRun.getState().close()}>
        <X />
      </IconButton>
    </>
  );
}

function Actions({ run, onRun, onDialog }: Props): ReactElement {
  const step = useTopStep();
  const { resume } = useRun.getState();
  return (
    <span className="runbar-run">
      {canResume(run) && run.status !== "in doubt" && (
        <Button look="strong" onClick={() => void resume()}>
          <Play className="runbar-play" /> {words.runs.resume}
        </Button>
      )}
      {run.status === "in doubt" && (
        <Tooltip text={doubtHelp(run)}>
          <Button look="strong" onClick={() => void resume({ retryDoubtful: true })}>
            <RotateCcw /> {words.runs.sendAgain}
          </Button>
        </Tooltip>
      )}
      {run.status === "succeeded" && (
        <Button look="strong" onClick={onRun}>
          <Play className="runbar-play" /> {words.runs.runAgain}
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label={words.runs.more}>
            <ChevronDown />
          </IconButton>
        }
      >
        {run.status !== "succeeded" && (
          <MenuItem icon={<Play />} onSelect={onRun}>
            {words.runs.runAgain}
          </MenuItem>
        )}
        {step !== null && (
          <MenuItem icon={<RotateCcw />} onSelect={() => void runFrom(step.name).catch((error: unknown) => useView.getState().say(refusal(error) ?? words.app.serverGone))}>
            {words.runs.fromHereHelp(step.label)}
          </MenuItem>
        )}
        <MenuItem icon={<SlidersHorizontal />} onSelect={() => onDialog("run")}>
          {words.runs.runOptions}
        </MenuItem>
        <MenuItem icon={<FlaskConical />} onSelect={() => onDialog("rehearse")}>
          {words.runs.rehearse}
        </MenuItem>
      </Menu>
    </span>
  );
}
