// One run: how it went, what it returned, what can be done next.

import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, Workflow } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

import { json, type Schemas } from "../api/client";
import { Button, IconButton } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { dateTime, duration, money } from "../design/numbers";
import type { FlowDocument, JsonObject } from "../flow/document";
import { ValuePreview } from "../results/ResultPreview";
import { words } from "../words";
import { KeptResults } from "./KeptResults";
import { openOnCanvas } from "./openOnCanvas";
import { doubtfulText, elapsed, progressOf, segmentsOf } from "./progress";
import { RunFailure } from "./RunFailure";
import { RunMenu } from "./RunMenu";
import { glyphOf, hasEnded, type RunState } from "./state";
import { runOf } from "./timeline";
import { Timeline } from "./Timeline";
import { useNow } from "./useNow";

interface Props {
  id: string;
  onClose: () => void;
  onShow: (id: string) => void;
}

const LIVE_MS = 1000;

export function RunDetail({ id, onClose, onShow }: Props): ReactElement {
  const { data: details, error, refetch } = useQuery({
    queryKey: ["run", id],
    queryFn: () => json<Schemas["RunDetails"]>(`/api/runs/${encodeURIComponent(id)}`),
    refetchOnMount: "always",
    refetchInterval: ({ state }) => (state.data?.status === "running" || state.data?.status === "queued" ? LIVE_MS : false),
  });
  if (!details) return <p className="runs-empty">{error ? error.message || words.app.serverGone : ""}</p>;
  const run = runOf(details);
  const flow = details.document as unknown as FlowDocument;
  return (
    <>
      <header className="runs-title">
        <IconButton label={words.runs.back} className="runs-back" onClick={onClose}>
          <ArrowLeft />
        </IconButton>
        <Glyph status={glyphOf(run.status)} />
        <h2>{run.label || words.app.untitled}</h2>
        {run.isRehearsal && <span className="runs-mark">{words.runs.rehearsal}</span>}
        <span className="runs-dim">
          {words.runs.status[run.status]}
          {details.flow.version != null && ` · ${words.app.version(Number(details.flow.version))}`} · {dateTime(run.started)} · <span className="mono">{id}</span>
        </span>
        <span className="runs-fill" />
        <Button isSmall onClick={() => void openOnCanvas(details)}>
          <Workflow /> {words.runs.openOnCanvas}
        </Button>
        <RunMenu details={details} onChanged={() => void refetch()} onShow={onShow} onDeleted={onClose} />
      </header>
      <Summary run={run} details={details} flow={flow} />
      <RunFailure run={run} details={details} flow={flow} onChanged={() => void refetch()} />
      <Timeline run={run} flow={flow} />
      <KeptResults run={run} />
      <Values title={words.runs.inputs} values={details.inputs} />
      {run.outputs && <Values title={words.runs.outputs} values={run.outputs} />}
    </>
  );
}

function Summary({ run, details, flow }: { run: RunState; details: Schemas["RunDetails"]; flow: FlowDocument }): ReactElement {
  const now = useNow(!hasEnded(run), 1000);
  const progress = progressOf(segmentsOf(flow, run));
  const doubtful = doubtfulText(run);
  const fact = (label: string, value: ReactNode): ReactElement => (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
  return (
    <dl className="runs-summary">
      {fact(words.runs.time, <span className="mono">{duration(elapsed(run, now))}</span>)}
      {fact(words.runs.cost, <span className="mono">{run.isRehearsal ? words.runs.rehearsalCost : run.doubts.length > 0 ? `${money(run.cost)} + ${doubtful ?? ""}?` : money(run.cost)}</span>)}
      {run.budget !== undefined && fact(words.runs.budget, <span className="mono">{money(run.budget)}</span>)}
      {fact(words.runs.stepsTitle, <span className="mono">{words.results.ofMany(progress.finished, progress.total)}</span>)}
      {fact(words.runs.connection, run.isRehearsal ? words.runs.rehearsal : (details.connection ?? (details.server === "sandbox" ? words.app.sandbox : details.server)))}
    </dl>
  );
}

function Values({ title, values }: { title: string; values: Schemas["RunDetails"]["inputs"] }): ReactElement | null {
  if (Object.keys(values).length === 0) return null;
  return (
    <section className="runs-values">
      <h3>{title}</h3>
      <ValuePreview value={values as JsonObject} size="panel" />
    </section>
  );
}
