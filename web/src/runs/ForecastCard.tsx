// What many runs of the open flow cost, from its estimate and from its past runs.

import { useQueries } from "@tanstack/react-query";
import { useState, type CSSProperties, type ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { useView } from "../app/view";
import { Button } from "../design/controls";
import { money } from "../design/numbers";
import { useFlowCheck } from "../flow/check";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { useParameterChange } from "../inspector/useStep";
import { words } from "../words";
import { CheaperModels } from "./CheaperModels";
import { estimated } from "./estimated";
import { averageCost, finishedRuns, forecastOf, knownCost, measuredSteps, type StepForecast } from "./forecast";

const COUNTS = [100, 1000, 10_000];
const MEASURED_RUNS = 5; // the newest, whose steps are looked at

export function ForecastCard({ runs }: { runs: Schemas["RunItem"][] }): ReactElement {
  const flow = useFlow((state) => state.flow);
  const estimate = useFlowCheck()?.estimate;
  const [count, setCount] = useState(1000);
  const label = flow.label || words.app.untitled;
  const average = averageCost(runs, label);
  const measured = useMeasured(runs, label);
  if (!estimate) return <p className="runs-empty">{flow.tasks.length === 0 ? words.runs.noForecast : words.runs.forecastProblem}</p>;
  const forecast = forecastOf(estimate, count, measured);
  return (
    <div className="runs-forecast">
      <p>
        <select className="runs-filter" value={count} aria-label={words.runs.forecastCount} onChange={(event) => setCount(Number(event.target.value))}>
          {COUNTS.map((one) => (
            <option key={one} value={one}>
              {words.runs.runsOf(one)}
            </option>
          ))}
        </select>
        <span>{words.runs.ofFlow(label)}</span>
        <b className="mono">{estimated(forecast)}</b>
      </p>
      {average && <p className="runs-dim">{words.runs.measured(average.runs, money(average.cost), money(average.cost * count))}</p>}
      <ul className="runs-bars">
        {forecast.steps.map((step) => (
          <StepCost key={step.name} step={step} />
        ))}
      </ul>
      <p className="runs-dim">{words.runs.barsHelp}</p>
    </div>
  );
}

/** What each step of the open flow cost in its newest finished runs, by its name. */
function useMeasured(runs: Schemas["RunItem"][], label: string): Record<string, number> {
  const flow = useFlow((state) => state.flow);
  const details = useQueries({
    queries: finishedRuns(runs, label)
      .slice(0, MEASURED_RUNS)
      .map((one) => ({
        queryKey: ["run", one.id, one.ended],
        queryFn: () => json<Schemas["RunDetails"]>(`/api/runs/${one.id}`),
        staleTime: Number.POSITIVE_INFINITY,
      })),
  });
  return measuredSteps(flow, details.flatMap(({ data }) => data ?? []));
}

function StepCost({ step }: { step: StepForecast }): ReactElement {
  const task = useFlow((state) => find(state.flow, step.name)?.task);
  const change = useParameterChange(step.name);
  const [isOpen, setIsOpen] = useState(false);
  const show = (): void => {
    useView.getState().show("canvas");
    useFlow.getState().select([step.name]);
  };
  return (
    <li>
      <span className="runs-bar" style={{ "--part": `${step.share * 100}%` } as CSSProperties}>
        {task?.label || step.name} <span className="runs-dim">{step.model}</span>
      </span>
      <span>
        <span className="mono">{step.measured === null ? estimated(step) : words.runs.aboutAmount(money(step.measured))}</span>{" "}
        <span className="runs-dim">{step.measured === null ? words.runs.estimated : words.runs.stepMeasured}</span>
      </span>
      <Button isSmall look="quiet" aria-expanded={isOpen} disabled={!task || step.model === ""} onClick={() => setIsOpen(!isOpen)}>
        {words.runs.cheaper}
      </Button>
      <Button isSmall look="quiet" onClick={show}>
        {words.runs.showProblem}
      </Button>
      {isOpen && task && (
        <CheaperModels
          task={task}
          cost={knownCost(step)}
          onChoose={(model) => {
            change("model", model);
            setIsOpen(false);
            useView.getState().say(words.runs.modelChosen(task.label || task.name, model));
          }}
        />
      )}
    </li>
  );
}
