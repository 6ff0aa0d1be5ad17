// The past runs of this flow in which the step took part.

import { useQueries, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { runsQuery } from "../api/queries";
import { Glyph } from "../design/Glyph";
import { dateTime, duration, money } from "../design/numbers";
import { useFlow } from "../flow/store";
import { markOf, runsOf, statusOf, timeOf } from "../runs/progress";
import type { StepRun } from "../runs/state";
import { useRun } from "../runs/store";
import { runOf } from "../runs/timeline";
import { words } from "../words";

const LOOKED_AT = 20;

export function HistoryTab({ name }: { name: string }): ReactElement {
  const id = useFlow((state) => state.id);
  const current = useRun(({ run }) => run?.id);
  const watch = useRun((state) => state.watch);
  const { data: runs, isLoading } = useQuery({ ...runsQuery(id ?? ""), enabled: id !== null, refetchOnMount: "always" });
  const details = useQueries({
    queries: (runs ?? []).slice(0, LOOKED_AT).map((one) => ({
      queryKey: ["run", one.id, one.ended],
      queryFn: () => json<Schemas["RunDetails"]>(`/api/runs/${one.id}`),
      staleTime: one.ended === null ? 1000 : Number.POSITIVE_INFINITY,
    })),
  });
  const found = details.flatMap(({ data }) => {
    const run = data && runOf(data);
    const steps = run ? runsOf(run, name) : [];
    return run && steps.length > 0 ? [{ run, steps, mark: markOf(data.server) }] : [];
  });
  const isWaiting = isLoading || details.some((one) => one.isPending);
  if (found.length === 0) return <p className="inspector-empty">{isWaiting ? words.form.loading : words.inspector.noHistory}</p>;
  return (
    <ul className="history">
      {found.map(({ run, steps, mark }) => (
        <li key={run.id}>
          <button type="button" className="history-row" aria-current={run.id === current} onClick={() => void watch(run.id)}>
            <Glyph status={statusOf(steps)} />
            <span className="history-when">
              {dateTime(run.started)} {mark && <span className="runs-mark">{mark}</span>}
            </span>
            <span className="history-many">{steps.length > 1 && words.inspector.times(steps.length)}</span>
            <span className="mono">{timeText(steps)}</span>
            <span className="mono">{run.isRehearsal ? words.runs.rehearsalCost : money(steps.reduce((sum, one) => sum + one.cost, 0))}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The time of all items; empty if that of none is known. */
function timeText(steps: StepRun[]): string {
  const times = steps.map(timeOf).filter((one) => one !== null);
  return times.length === 0 ? "" : duration(times.reduce((sum, one) => sum + one, 0));
}
