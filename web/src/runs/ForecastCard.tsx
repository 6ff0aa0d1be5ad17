// What many runs of the open flow cost, from its estimate and from its past runs.

import { useState, type CSSProperties, type ReactElement } from "react";

import type { Schemas } from "../api/client";
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
import { averageCost, forecastOf, type StepForecast } from "./forecast";

const COUNTS = [100, 1000, 10_000];

export function ForecastCard({ runs }: { runs: Schemas["RunItem"][] }): ReactElement {
  const flow = useFlow((state) => state.flow);
  const estimate = useFlowCheck()?.estimate;
  const [count, setCount] = useState(1000);
  const label = flow.label || words.app.untitled;
  const average = averageCost(runs, label);
  if (!estimate) return <p className="runs-empty">{flow.tasks.length === 0 ? words.runs.noForecast : words.runs.forecastProblem}</p>;
  const forecast = forecastOf(estimate, count);
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
    </div>
  );
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
      <span className="mono">{estimated(step)}</span>
      <Button isSmall look="quiet" aria-expanded={isOpen} disabled={!task || step.model === ""} onClick={() => setIsOpen(!isOpen)}>
        {words.runs.cheaper}
      </Button>
      <Button isSmall look="quiet" onClick={show}>
        {words.runs.showProblem}
      </Button>
      {isOpen && task && (
        <CheaperModels
          task={task}
          cost={step.high ?? step.low}
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
