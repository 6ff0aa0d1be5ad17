// The past runs of this flow in which the step took part.

import { useQueries, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { runsQuery } from "../api/queries";
import { Glyph } from "../design/Glyph";
import { dateTime, duration, money } from "../design/numbers";
import { useFlow } from "../flow/store";
import type { StepStatus } from "../runs/state";
import { useRun } from "../runs/store";
import { words } from "../words";

type Details = Schemas["RunDetails"];
const LOOKED_AT = 20;
const STATES: Record<string, StepStatus> = { done: "done", succeeded: "done", failed: "failed", running: "running", "in doubt": "doubt", doubt: "doubt" };

export function HistoryTab({ name }: { name: string }): ReactElement {
  const label = useFlow((state) => state.flow.label ?? "");
  const current = useRun(({ run }) => run?.id);
  const watch = useRun((state) => state.watch);
  const { data: runs } = useQuery({ ...runsQuery(), staleTime: 2000 });
  const mine = (runs ?? []).filter((one) => one.label === label).slice(0, LOOKED_AT);
  const details = useQueries({
    queries: mine.map((one) => ({
      queryKey: ["run", one.id, one.ended],
      queryFn: () => json<Details>(`/api/runs/${one.id}`),
      staleTime: one.ended === null ? 1000 : Number.POSITIVE_INFINITY,
    })),
  });
  const found = details.flatMap(({ data }) => {
    const steps = data?.steps.filter((one) => one.step === name) ?? [];
    return data && steps.length > 0 ? [{ run: data, steps }] : [];
  });
  const isLoading = !runs || details.some((one) => one.isPending);
  if (found.length === 0) return <p className="inspector-empty">{isLoading ? words.form.loading : words.inspector.noHistory}</p>;
  return (
    <ul className="history">
      {found.map(({ run, steps }) => (
        <li key={run.id}>
          <button type="button" className="history-row" aria-current={run.id === current} onClick={() => void watch(run.id)}>
            <Glyph status={stateOf(steps)} />
            <span className="history-when">{dateTime(run.created * 1000)}</span>
            <span className="history-many">{steps.length > 1 && words.inspector.times(steps.length)}</span>
            <span className="mono">{duration(timeOf(steps))}</span>
            <span className="mono">{money(costOf(steps))}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function stateOf(steps: Details["steps"]): StepStatus {
  const states = steps.map((one) => STATES[one.state] ?? "waiting");
  return (["running", "doubt", "failed", "waiting"] as const).find((one) => states.includes(one)) ?? "done";
}

const timeOf = (steps: Details["steps"]): number =>
  1000 * steps.reduce((sum, one) => sum + (typeof one.ended === "number" && typeof one.started === "number" ? one.ended - one.started : 0), 0);

const costOf = (steps: Details["steps"]): number => steps.reduce((sum, one) => sum + (typeof one.cost === "number" ? one.cost : 0), 0);
