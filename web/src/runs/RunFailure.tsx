// Why a run ended before its end, with the doors that lead on from the list of runs.

import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { send, type Schemas } from "../api/client";
import type { FlowDocument } from "../flow/document";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { words } from "../words";
import { adviceOf } from "./advice";
import { openRunDialog } from "./dialogs";
import { FailureCard } from "./FailureCard";
import { openOnCanvas } from "./openOnCanvas";
import { doubtHelp, progressOf, segmentsOf } from "./progress";
import type { RunState, StepError } from "./state";

interface Props {
  run: RunState;
  details: Schemas["RunDetails"];
  flow: FlowDocument;
  onChanged: () => void;
}

/** A process that ended tells no error. */
const INTERRUPTED: StepError = { type: "Interrupted", message: words.runs.interruptedHelp };

export function RunFailure({ run, details, flow, onChanged }: Props): ReactElement | null {
  const queries = useQueryClient();
  if (run.status !== "failed" && run.status !== "in doubt" && run.status !== "interrupted") return null;
  const error = run.error ?? INTERRUPTED;
  const step = run.steps[run.place ?? ""]?.step ?? "";
  const found = find(flow, step);
  const { title } = adviceOf(error);
  const { finished } = progressOf(segmentsOf(flow, run));
  const resume = async (retryDoubtful: boolean): Promise<void> => {
    await send(`/api/runs/${run.id}/resume`, { body: { retryDoubtful } });
    onChanged();
    await queries.invalidateQueries({ queryKey: ["runs"] });
  };
  const showStep = async (): Promise<void> => {
    await openOnCanvas(details);
    useFlow.getState().select([step]);
  };
  const raiseBudget = async (): Promise<void> => {
    await openOnCanvas(details);
    openRunDialog("run", found?.around[0] ?? (step || null));
  };
  return (
    <FailureCard
      error={error}
      title={found ? words.runs.at(found.task.label || step, title) : title}
      more={[finished > 0 && words.runs.kept(finished), doubtHelp(run)].filter(Boolean).join(" ")}
      at={run.ended}
      doors={{ resume, raiseBudget: () => void raiseBudget(), ...(found ? { showStep: () => void showStep() } : {}) }}
    />
  );
}
