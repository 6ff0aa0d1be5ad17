// Where a run failed, why, whether it cost anything, and the next step as a button.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Play, RotateCcw } from "lucide-react";
import type { ReactElement } from "react";

import { send, type Schemas } from "../api/client";
import { useView } from "../app/view";
import { Button } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { duration, money } from "../design/numbers";
import type { FlowDocument } from "../flow/document";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { CREDITS } from "../wizard/links";
import { words } from "../words";
import { adviceOf, type Remedy } from "./advice";
import { openOnCanvas } from "./openOnCanvas";
import { doubtfulCost } from "./progress";
import type { RunState } from "./state";
import { useNow } from "./useNow";

interface Props {
  run: RunState;
  details: Schemas["RunDetails"];
  flow: FlowDocument | undefined;
  onChanged: () => void;
}

export function FailureCard({ run, details, flow, onChanged }: Props): ReactElement {
  const step = run.steps[run.place ?? ""]?.step ?? run.place ?? "";
  const advice = run.error ? adviceOf(run.error) : null;
  const label = (flow && find(flow, step)?.task.label) || step;
  const isDoubt = run.status === "in doubt";
  const title = advice ? (label ? words.runs.at(label, advice.title) : advice.title) : words.runs.interruptedHelp;
  const finished = Object.values(run.steps).filter((one) => one.status === "done").length;
  return (
    <section className={`runs-failure ${isDoubt ? "runs-failure-doubt" : ""}`} role="alert">
      <header>
        <Glyph status={isDoubt ? "doubt" : "failed"} />
        <b>{title}</b>
        <span className="mono">{advice?.status}</span>
      </header>
      {advice && (
        <p>
          {advice.detail} {advice.billing} {finished > 0 && words.runs.kept(finished)}
        </p>
      )}
      {isDoubt && <p>{words.runs.sendAgainHelp(money(doubtfulCost(run)))}</p>}
      <Remedies run={run} details={details} step={step} remedies={advice?.remedies ?? ["resume"]} retryAfter={advice?.retryAfter ?? null} onChanged={onChanged} />
    </section>
  );
}

interface RemedyProps {
  run: RunState;
  details: Schemas["RunDetails"];
  step: string;
  remedies: Remedy[];
  retryAfter: number | null;
  onChanged: () => void;
}

function Remedies({ run, details, step, remedies, retryAfter, onChanged }: RemedyProps): ReactElement {
  const queries = useQueryClient();
  const waits = retryAfter === null ? 0 : (run.ended ?? 0) + retryAfter * 1000;
  const now = useNow(waits > 0, 500);
  const isWaiting = waits > now;
  const resume = useMutation({
    mutationFn: (retryDoubtful: boolean) => send(`/api/runs/${run.id}/resume`, { body: { retryDoubtful } }),
    onSuccess: () => {
      onChanged();
      void queries.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const showStep = async (): Promise<void> => {
    await openOnCanvas(details);
    useFlow.getState().select([step]);
  };
  const buttons: Record<Remedy, (isFirst: boolean) => ReactElement> = {
    resume: (isFirst) => (
      <Button key="resume" isSmall look={isFirst ? "primary" : "plain"} disabled={isWaiting || resume.isPending} onClick={() => resume.mutate(false)}>
        <Play className="runbar-play" /> {isWaiting ? words.runs.retryIn(duration(waits - now)) : words.runs.resumeHere}
      </Button>
    ),
    sendAgain: () => (
      <Button key="again" isSmall look="primary" disabled={resume.isPending} onClick={() => resume.mutate(true)}>
        <RotateCcw /> {words.runs.sendAgain}
      </Button>
    ),
    credits: () => (
      <a key="credits" className="button button-small button-primary" href={CREDITS} target="_blank" rel="noreferrer">
        {words.runs.addCredits}
      </a>
    ),
    connect: () => (
      <Button key="connect" isSmall look="primary" onClick={() => useView.getState().show("connections")}>
        {words.runs.connect}
      </Button>
    ),
    budget: () => (
      <Button key="budget" isSmall look="primary" onClick={() => void openOnCanvas(details)}>
        {words.runs.raiseBudget}
      </Button>
    ),
    step: (isFirst) => (
      <Button key="step" isSmall look={isFirst ? "primary" : "plain"} onClick={() => void showStep()}>
        {words.runs.showStep}
      </Button>
    ),
  };
  return (
    <>
      <div className="runs-remedies">{remedies.map((remedy, index) => buttons[remedy](index === 0))}</div>
      {resume.isError && <p className="runs-problem">{resume.error.message || words.app.serverGone}</p>}
    </>
  );
}
