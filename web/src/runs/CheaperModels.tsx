// The cheaper models that fit the form of a step, each with what it would cost; a click chooses one.

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo, type ReactElement } from "react";

import { json } from "../api/client";
import { actionFor, useComponent } from "../api/component";
import { Button } from "../design/controls";
import { money } from "../design/numbers";
import type { Task } from "../flow/document";
import { withStandIns } from "../form/dynamic";
import { modelOf } from "../form/models/models";
import type { OptionList } from "../form/useOptions";
import { words } from "../words";
import { candidates, fitting, type Cheaper, type ModelCheck } from "./cheaper";

interface Props {
  task: Task;
  /** USD of the step with its present model. */
  cost: number;
  onChoose: (model: string) => void;
}

const MINUTE = 60_000;

export function CheaperModels({ task, cost, onChoose }: Props): ReactElement {
  const { found, isLoading } = useCheaper(task);
  if (isLoading) return <p className="runs-dim" role="status">{words.runs.looking}</p>;
  if (found.length === 0) return <p className="runs-dim" role="status">{words.runs.noCheaper}</p>;
  return (
    <ul className="runs-cheaper" aria-label={words.runs.cheaper}>
      {found.map(({ model, part }) => (
        <li key={model}>
          <span className="mono">{model}</span>
          <span className="mono">{part === 0 ? words.runs.free : words.runs.aboutAmount(money(cost * part))}</span>
          <span className="mono runs-less">{words.runs.less(part === 0 ? 100 : Math.floor((1 - part) * 100))}</span>
          <Button isSmall look="quiet" onClick={() => onChoose(model)}>
            {words.inspector.useModel}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function useCheaper(task: Task): { found: Cheaper[]; isLoading: boolean } {
  const { data: component } = useComponent();
  const action = actionFor(component, task);
  const present = typeof task.parameters?.model === "string" ? task.parameters.model : "";
  const known = useMemo(() => withStandIns(action?.properties ?? [], task.parameters ?? {}).values, [action, task.parameters]);
  const path = `/api/actions/${encodeURIComponent(action?.name ?? "")}`;
  const list = useQuery({
    queryKey: ["models of", action?.name, known],
    queryFn: () => json<OptionList>(`${path}/options/model`, { body: { parameters: known } }),
    staleTime: MINUTE,
  });
  const models = useMemo(() => candidates((list.data?.options ?? []).map(modelOf), present), [list.data, present]);
  const checks = useQueries({
    queries: [present, ...models].map((model) => ({
      queryKey: ["check", action?.name, model, known],
      queryFn: () => json<ModelCheck>(`${path}/check`, { body: { parameters: { ...known, model } } }),
      staleTime: MINUTE,
    })),
  });
  const [now, ...others] = checks;
  return {
    found: fitting(now?.data, models.map((model, index) => ({ model, check: others[index]?.data }))),
    isLoading: list.isPending || checks.some((one) => one.isPending),
  };
}
