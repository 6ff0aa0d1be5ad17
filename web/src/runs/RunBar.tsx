// Run the open flow, see how far it is and what it costs, and go on when it ended. Always in the same place.

import { Suspense, useCallback, type ReactElement } from "react";

import { later } from "../app/later";
import { useView } from "../app/view";
import { byStep, lastCheck, type FlowCheck } from "../flow/check";
import { leaveAll } from "../flow/left";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { showField } from "../inspector/showField";
import { openRunDialog, useRunDialog } from "./dialogs";
import { EndedRun } from "./EndedRun";
import { IdleRun } from "./IdleRun";
import { RunningRun } from "./RunningRun";
import "./RunBar.css";
import { startFlow } from "./starting";
import { hasEnded } from "./state";
import { useRun } from "./store";
import { useRunKeys } from "./useRunKeys";

const RunDialog = later(async () => (await import("./RunDialog")).RunDialog);
const RehearseDialog = later(async () => (await import("./RehearseDialog")).RehearseDialog);
const CancelQuestion = later(async () => (await import("./CancelQuestion")).CancelQuestion);

/** A flow with problems is not sent: the first of them is shown. */
function showProblems({ flow, problems }: FlowCheck): void {
  useView.getState().say(words.runs.mendFirst(problems.length));
  const [step, [first] = []] = Object.entries(byStep(flow, problems)).find(([name]) => name !== "") ?? [];
  if (step !== undefined && first) showField(step, first.path);
}

export function RunBar(): ReactElement {
  const run = useRun((state) => state.run);
  const { dialog, from } = useRunDialog();
  const isRunning = run !== null && !hasEnded(run);
  const start = useCallback(() => {
    const { flow } = useFlow.getState();
    if (flow.tasks.length === 0) return;
    leaveAll();
    const check = lastCheck();
    if (check?.flow === flow && check.problems.length > 0) {
      showProblems(check);
      return;
    }
    if ((flow.inputs ?? []).length > 0) openRunDialog("run");
    else void startFlow({}).catch(() => openRunDialog("run"));
  }, []);
  const isWarned = useRunKeys(isRunning, start, () => openRunDialog("cancel"));
  return (
    <footer className="runbar" aria-label={words.runs.bar}>
      {run === null && <IdleRun onRun={start} onDialog={openRunDialog} />}
      {run !== null && isRunning && <RunningRun run={run} isWarned={isWarned} />}
      {run !== null && !isRunning && <EndedRun run={run} onRun={start} onDialog={openRunDialog} />}
      <Suspense>
        {dialog === "run" && <RunDialog from={from} onClose={() => openRunDialog(null)} />}
        {dialog === "rehearse" && <RehearseDialog onClose={() => openRunDialog(null)} />}
        {dialog === "cancel" && <CancelQuestion onClose={() => openRunDialog(null)} />}
      </Suspense>
    </footer>
  );
}
