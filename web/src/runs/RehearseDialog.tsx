// Run the flow in the sandbox, and choose what goes wrong in which step.

import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useState, type ReactElement } from "react";

import { connectionsQuery } from "../api/queries";
import { Button, Dialog } from "../design/controls";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { InputField } from "./InputField";
import { readInputs, rememberedInputs, rememberInputs, typedOf } from "./inputs";
import { modelsOf, rehearsalConnection, rehearsed, type Faults } from "./rehearsal";
import { Refused } from "./RunDialog";
import { useRun } from "./store";

export function RehearseDialog({ onClose }: { onClose: () => void }): ReactElement {
  const { flow, id } = useFlow.getState();
  const inputs = flow.inputs ?? [];
  const { data: connections } = useQuery(connectionsQuery);
  const [faults, setFaults] = useState<Faults>({});
  const [typed, setTyped] = useState(() => typedOf(inputs, rememberedInputs(id)));
  const [isTried, setIsTried] = useState(false);
  const sandbox = connections ? rehearsalConnection(connections) : null;
  const { values, problems } = readInputs(inputs, typed);
  const starting = useMutation({
    mutationFn: (connection: string) => useRun.getState().start({ flow: rehearsed(flow, faults), inputs: values, connection }),
    onSuccess: onClose,
  });
  const start = (): void => {
    setIsTried(true);
    if (!sandbox || Object.keys(problems).length > 0) return;
    rememberInputs(id, typed);
    starting.mutate(sandbox.name);
  };
  return (
    <Dialog
      title={words.runs.rehearseTitle}
      isOpen
      onClose={onClose}
      width={620}
      foot={
        <>
          <span className="runs-fill runs-help">{sandbox && !sandbox.playsAll ? words.runs.rehearseSandboxOnly : ""}</span>
          <Button look="quiet" onClick={onClose}>
            {words.app.cancel}
          </Button>
          <Button look="primary" disabled={!sandbox || starting.isPending} onClick={start}>
            <FlaskConical /> {words.runs.rehearseNow}
          </Button>
        </>
      }
    >
      <p>{connections && !sandbox ? words.runs.noRehearsal : words.runs.rehearseHelp}</p>
      {starting.isError && <Refused error={starting.error} />}
      <ul className="runs-faults">
        {modelsOf(flow).map(({ task, model }) => (
          <li key={task.name}>
            <span>
              <b>{task.label || task.name}</b>
              <span className="mono">{model ?? words.runs.notAModel}</span>
            </span>
            <select
              className="runs-control"
              aria-label={task.label || task.name}
              disabled={model === null}
              value={faults[task.name] ?? ""}
              onChange={(event) => setFaults((old) => ({ ...old, [task.name]: event.target.value }))}
            >
              {Object.entries(words.runs.faults).map(([fault, label]) => (
                <option key={fault} value={fault === "none" ? "" : fault}>
                  {label}
                </option>
              ))}
            </select>
          </li>
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
