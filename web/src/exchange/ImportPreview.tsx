// What the imported flow looks like: its steps in order, containers around theirs, with the numbers of the report.

import type { ReactElement } from "react";

import { actionFor, useComponent } from "../api/component";
import { ActionIcon } from "../design/ActionIcon";
import { slotsOf, wordOf } from "../flow/containers";
import type { FlowDocument, Task } from "../flow/document";
import { brief } from "../results/values";
import { words } from "../words";
import type { NumberedFix } from "./adding";

interface Props {
  flow: FlowDocument;
  fixes: NumberedFix[];
  /** The name of the step that the report points at. */
  marked: string | null;
}

export function ImportPreview({ flow, fixes, marked }: Props): ReactElement {
  const inputs = flow.inputs ?? [];
  return (
    <div className="import-canvas">
      <div className="import-steps">
        {inputs.length > 0 && (
          <p className="import-inputs">
            <b>{words.runs.inputs}</b> {inputs.map((input) => input.name).join(", ")}
          </p>
        )}
        <Steps tasks={flow.tasks} fixes={fixes} marked={marked} />
        {flow.tasks.length === 0 && <p>{words.exchange.noSteps}</p>}
      </div>
    </div>
  );
}

function Steps({ tasks, fixes, marked }: { tasks: Task[]; fixes: NumberedFix[]; marked: string | null }): ReactElement {
  return (
    <ol>
      {tasks.map((task) => (
        <li key={task.name} className="import-step">
          <Step task={task} fixes={fixes.filter((fix) => fix.step === task.name)} isMarked={marked === task.name} />
          {slotsOf(task)
            .filter((slot) => slot.tasks.length > 0)
            .map((slot) => (
              <div key={slot.key} className="import-slot">
                <span className="mono">{slot.key}</span>
                <Steps tasks={slot.tasks} fixes={fixes} marked={marked} />
              </div>
            ))}
        </li>
      ))}
    </ol>
  );
}

function Step({ task, fixes, isMarked }: { task: Task; fixes: NumberedFix[]; isMarked: boolean }): ReactElement {
  const { data: component } = useComponent();
  const action = actionFor(component, task);
  const isWord = slotsOf(task).length > 0 || ["var", "terminate", "loop-break", "loopBreak"].includes(wordOf(task));
  const main = action?.main === undefined ? undefined : task.parameters?.[action.main];
  const needsChoice = fixes.some((fix) => fix.kind === "choose");
  const model = task.parameters?.model;
  return (
    <article className={`import-node ${needsChoice ? "import-node-choose" : ""} ${isMarked ? "import-node-marked" : ""} ${!action && !isWord ? "import-node-foreign" : ""}`}>
      <header>
        <ActionIcon of={action ?? wordOf(task)} />
        <div>
          <b>{task.label || action?.title || task.name}</b>
          <span className="mono">
            {task.name}
            {typeof model === "string" && model && ` · ${model}`}
          </span>
        </div>
      </header>
      {main !== undefined && <p className="import-main">{brief(main)}</p>}
      {!action && !isWord && <p className="import-main">{words.exchange.foreign(task.type)}</p>}
      <span className="import-badges">
        {fixes.slice(0, 4).map((fix) => (
          <b key={fix.number} className={`import-number import-${fix.kind}`}>
            {fix.number}
          </b>
        ))}
      </span>
    </article>
  );
}
