// What a run needs before it starts: the inputs of the flow, a budget, a connection; and what it is expected to cost.

import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useState, type ReactElement } from "react";

import { ApiProblem } from "../api/client";
import { useComponent } from "../api/component";
import { inUse, useConnection } from "../api/connection";
import { connectionsQuery } from "../api/queries";
import { remember, remembered } from "../app/memory";
import { Button, Dialog } from "../design/controls";
import { placeOf } from "../exchange/places";
import { useFlowCheck } from "../flow/check";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { words } from "../words";
import { Estimate } from "./Estimate";
import { InputField } from "./InputField";
import { readInputs, rememberedInputs, rememberInputs, typedOf } from "./inputs";
import { runFrom } from "./onward";
import { startFlow } from "./starting";

const BUDGET = "studio-budget";

interface Props {
  /** The step where the run begins; null for the whole flow. */
  from: string | null;
  onClose: () => void;
}

export function RunDialog({ from, onClose }: Props): ReactElement {
  const { flow, id } = useFlow.getState();
  const inputs = flow.inputs ?? [];
  const check = useFlowCheck();
  const { data: connections } = useQuery(connectionsQuery);
  const [typed, setTyped] = useState(() => typedOf(inputs, rememberedInputs(id)));
  const [budget, setBudget] = useState(() => remembered(BUDGET) ?? "");
  const [connection, setConnection] = useState("");
  const used = inUse(connections ?? [], useConnection((state) => state.name));
  const [isTried, setIsTried] = useState(false);
  const { values, problems } = readInputs(inputs, typed);
  const limit = budget.trim() === "" ? undefined : Number(budget.replace(/^\$/, ""));
  const isLimitWrong = limit !== undefined && !(limit >= 0);
  const starting = useMutation({
    mutationFn: () => {
      const options = { inputs: values, ...(limit === undefined ? {} : { budget: limit }), ...(connection ? { connection } : {}) };
      return from === null ? startFlow(options) : runFrom(from, options);
    },
    onSuccess: onClose,
  });
  const start = (): void => {
    setIsTried(true);
    if (Object.keys(problems).length > 0 || isLimitWrong) return;
    rememberInputs(id, typed);
    remember(BUDGET, budget.trim() || null);
    starting.mutate();
  };
  return (
    <Dialog
      title={from === null ? words.runs.inputsTitle : words.runs.fromTitle(find(flow, from)?.task.label || from)}
      isOpen
      onClose={onClose}
      width={560}
      foot={
        <>
          {check && <Estimate estimate={check.estimate} />}
          <span className="runs-fill" />
          <Button look="quiet" onClick={onClose}>
            {words.app.cancel}
          </Button>
          <Button look="primary" type="submit" form="runs-inputs" autoFocus={inputs.length === 0} disabled={starting.isPending}>
            <Play className="runbar-play" /> {words.runs.run}
          </Button>
        </>
      }
    >
      <form
        id="runs-inputs"
        className="runs-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        {starting.isError && <Refused error={starting.error} />}
        {inputs.map((input, index) => (
          <InputField
            key={input.name}
            input={input}
            value={typed[input.name] ?? null}
            problem={isTried ? problems[input.name] : undefined}
            hasFocus={index === 0}
            onChange={(value) => setTyped((old) => ({ ...old, [input.name]: value }))}
          />
        ))}
        <div className="runs-pair">
          <label className="runs-field">
            <span className="runs-label">{words.runs.budget}</span>
            <input className="runs-control" inputMode="decimal" value={budget} placeholder={words.runs.noBudget} aria-invalid={isLimitWrong} onChange={(event) => setBudget(event.target.value)} />
          </label>
          <label className="runs-field">
            <span className="runs-label">{words.runs.connection}</span>
            <select className="runs-control" value={connection || (used?.name ?? "")} onChange={(event) => setConnection(event.target.value)}>
              {connections?.map((one) => (
                <option key={one.name} value={one.name} disabled={Boolean(one.problem)}>
                  {one.name}
                </option>
              ))}
            </select>
          </label>
        </div>
        <p className={isLimitWrong ? "runs-problem" : "runs-help"}>{isLimitWrong ? words.runs.budgetProblem : words.runs.budgetHelp}</p>
      </form>
    </Dialog>
  );
}

/** Why the server did not start a run, with all problems. */
export function Refused({ error }: { error: Error }): ReactElement {
  const { data: component } = useComponent();
  const flow = useFlow((state) => state.flow);
  const problems = error instanceof ApiProblem ? (error.document.problems ?? []) : [];
  return (
    <div className="runs-refused" role="alert">
      <b>{words.runs.notStarted}</b>
      {problems.length === 0 && <p>{error.message || words.app.serverGone}</p>}
      <ul>
        {problems.map((one, index) => (
          <li key={index}>
            <b>{placeOf(component, flow, one.path) || one.path}</b>: {one.message}
          </li>
        ))}
      </ul>
    </div>
  );
}
