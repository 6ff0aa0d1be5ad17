// Run the flow in the sandbox, and choose what goes wrong in which step.

import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useState, type ReactElement } from "react";

import type { Schemas } from "../api/client";
import { faultsQuery } from "../api/queries";
import { Button, Dialog } from "../design/controls";
import type { Task } from "../flow/document";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { InputField } from "./InputField";
import { readInputs, rememberedInputs, rememberInputs, typedOf } from "./inputs";
import { faultLabel, modelsOf, type Faults } from "./rehearsal";
import { Refused } from "./RunDialog";
import { startFlow } from "./starting";

export function RehearseDialog({ onClose }: { onClose: () => void }): ReactElement {
  const { flow, id } = useFlow.getState();
  const inputs = flow.inputs ?? [];
  const { data: known } = useQuery(faultsQuery);
  const [faults, setFaults] = useState<Faults>({});
  const [typed, setTyped] = useState(() => typedOf(inputs, rememberedInputs(id)));
  const [isTried, setIsTried] = useState(false);
  const { values, problems } = readInputs(inputs, typed);
  const starting = useMutation({ mutationFn: () => startFlow({ inputs: values, rehearse: faults }), onSuccess: onClose });
  const start = (): void => {
    setIsTried(true);
    if (Object.keys(problems).length > 0) return;
    rememberInputs(id, typed);
    starting.mutate();
  };
  const choose = (step: string, fault: string): void =>
    setFaults(({ [step]: _, ...others }) => (fault ? { ...others, [step]: fault } : others));
  return (
    <Dialog
      title={words.runs.rehearseTitle}
      isOpen
      onClose={onClose}
      width={620}
      foot={
        <>
          <span className="runs-fill mono">{words.runs.rehearsalCost}</span>
          <Button look="quiet" onClick={onClose}>
            {words.app.cancel}
          </Button>
          <Button look="primary" disabled={starting.isPending} onClick={start}>
            <FlaskConical /> {words.runs.rehearseNow}
          </Button>
        </>
      }
    >
      <p>{words.runs.rehearseHelp}</p>
      {starting.isError && <Refused error={starting.error} />}
      <ul className="runs-faults">
        {modelsOf(flow).map(({ task, model }) => (
          <Fault key={task.name} task={task} model={model} known={known ?? []} chosen={faults[task.name] ?? ""} onChoose={(fault) => choose(task.name, fault)} />
        ))}
      </ul>
      <div className="runs-form">
        {inputs.map((input) => (
          <InputField
            key={input.name}
            input={input}
            value={typed[input.name] ?? null}
            problem={isTried ? problems[input.name] : undefined}
            hasFocus={false}
            onChange={(value) => setTyped((old) => ({ ...old, [input.name]: value }))}
          />
        ))}
      </div>
    </Dialog>
  );
}

interface FaultProps {
  task: Task;
  model: string | null;
  known: readonly Schemas["FaultItem"][];
  chosen: string;
  onChoose: (fault: string) => void;
}

function Fault({ task, model, known, chosen, onChoose }: FaultProps): ReactElement {
  const action = task.type.split("/")[2] ?? "";
  const about = known.find((one) => one.name === chosen)?.description;
  return (
    <li>
      <span>
        <b>{task.label || task.name}</b>
        <span className="mono">{model ?? words.runs.notAModel}</span>
        {about && <span className="runs-help">{about}</span>}
      </span>
      <select className="runs-control" aria-label={task.label || task.name} disabled={model === null} value={chosen} onChange={(event) => onChoose(event.target.value)}>
        <option value="">{words.runs.answers}</option>
        {known
          .filter(({ actions }) => actions.includes(action))
          .map(({ name }) => (
            <option key={name} value={name}>
              {faultLabel(name)}
            </option>
          ))}
      </select>
    </li>
  );
}
