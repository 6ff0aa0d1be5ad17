// One step with several models side by side: answer, cost and time; a click chooses one.

import { useQueries } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useMemo, useState, type ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { Button, Dialog } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { duration, money } from "../design/numbers";
import { FormContext, useForm } from "../form/context";
import { Combo } from "../form/controls/Combo";
import { withStandIns } from "../form/dynamic";
import { useOptions } from "../form/useOptions";
import { ResultPreview } from "../results/ResultPreview";
import { estimated } from "../runs/estimated";
import { words } from "../words";
import { sumOf, useCompare, type Compared } from "./useCompare";
import { useParameterChange, type InspectedStep } from "./useStep";

const MOST = 6;

export function CompareDialog({ found, onClose }: { found: InspectedStep; onClose: () => void }): ReactElement {
  const { action, step } = found;
  const scope = useForm();
  const parameters = useMemo(() => step.task.parameters ?? {}, [step.task.parameters]);
  const current = typeof parameters.model === "string" ? [parameters.model] : [];
  const [models, setModels] = useState<string[]>(current);
  const comparing = useCompare(found);
  const change = useParameterChange(step.ref);
  const choose = (model: string): void => {
    change("model", model);
    onClose();
  };
  const known = useMemo(() => withStandIns(action?.properties ?? [], parameters).values, [action, parameters]);
  const checks = useQueries({
    queries: models.map((model) => ({
      queryKey: ["check", action?.name, model, known],
      queryFn: () => json<Schemas["CheckResponse"]>(`/api/actions/${action?.name ?? ""}/check`, { body: { parameters: { ...known, model } } }),
      staleTime: 60_000,
    })),
  });
  const { low, high } = sumOf(checks.map((one) => one.data?.estimate));
  return (
    <Dialog
      title={words.inspector.compareTitle(step.task.label ?? step.task.name)}
      isOpen
      onClose={onClose}
      width={1060}
      className="compare"
      foot={
        <>
          <p className="inspector-estimate">
            <b className="mono">{models.length === 0 ? "" : estimated({ low, high })}</b>
            <span>{words.inspector.compareCost}</span>
          </p>
          <Button look="primary" disabled={models.length === 0 || comparing.isRunning} onClick={() => comparing.start(models)}>
            <Play fill="currentColor" /> {words.inspector.runModels(models.length)}
          </Button>
        </>
      }
    >
      <FormContext value={{ ...scope, action: action?.name, values: parameters }}>
        <Choice property={action?.properties.find((one) => one.name === "model")} models={models} onChange={setModels} />
      </FormContext>
      <div className="compare-columns" style={{ gridTemplateColumns: `repeat(${Math.max(1, models.length)}, minmax(220px, 1fr))` }}>
        {models.map((model) => (
          <Column key={model} model={model} result={comparing.results[model]} isCurrent={model === parameters.model} onChoose={() => choose(model)} />
        ))}
      </div>
    </Dialog>
  );
}

type ModelProperty = NonNullable<InspectedStep["action"]>["properties"][number];

function Choice({ property, models, onChange }: { property: ModelProperty | undefined; models: string[]; onChange: (models: string[]) => void }): ReactElement {
  const { data } = useOptions(property ?? { name: "model", label: "", type: "STRING", controlType: "SELECT" }, "model");
  return (
    <div className="field">
      <span className="field-label" id="compare-models-label">{words.form.models}</span>
      <Combo
        id="compare-models"
        options={data?.options ?? []}
        chosen={models}
        isMany
        isFull={models.length >= MOST}
        placeholder={words.form.chooseModel}
        isInvalid={false}
        disabled={false}
        canClear={false}
        isFree
        isNumber={false}
        isLoading={!data}
        message={undefined}
        onChoose={(one) => {
          if (typeof one === "string") onChange(models.includes(one) ? models.filter((each) => each !== one) : [...models, one]);
        }}
        onClear={() => onChange([])}
        onSearch={undefined}
        onOpen={undefined}
      />
    </div>
  );
}

function Column({ model, result, isCurrent, onChoose }: { model: string; result: Compared[string] | undefined; isCurrent: boolean; onChoose: () => void }): ReactElement {
  const run = result && "steps" in result ? result : undefined;
  const step = run && run.order[0] !== undefined ? run.steps[run.order[0]] : undefined;
  const refused = result && "problem" in result ? result.problem : run?.error && !step ? (run.error.message ?? run.error.detail) : undefined;
  return (
    <section className="compare-column" aria-label={model}>
      <header>
        <b className="mono" title={model}>{model}</b>
        {step && <Glyph status={step.status} />}
      </header>
      <div className="compare-body">{refused ? <p className="field-problem">{refused}</p> : step ? <ResultPreview run={step} size="panel" /> : null}</div>
      <footer>
        <span className="mono">{step?.ended !== undefined ? duration(step.ended - step.started) : ""}</span>
        <span className="mono">{step?.ended !== undefined ? money(step.cost) : ""}</span>
        <Button isSmall look={isCurrent ? "quiet" : "plain"} disabled={isCurrent} onClick={onChoose}>
          {isCurrent ? words.inspector.inUse : words.inspector.useModel}
        </Button>
      </footer>
    </section>
  );
}
