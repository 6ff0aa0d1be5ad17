// The form of a step: that of its action, or of a word of the flow; below it the settings of the step itself.

import { useMemo, type ReactElement } from "react";

import { ownParameters } from "../flow/containers";
import { useFlow } from "../flow/store";
import { Form } from "../form/Form";
import { StepSettings } from "./StepSettings";
import { useParameterChange, type InspectedStep } from "./useStep";
import { WordForm } from "./WordForm";

export function Setup({ found }: { found: InspectedStep }): ReactElement {
  const { action, problems, readable } = found;
  const { task } = found.step;
  const change = useParameterChange(found.step.ref);
  const values = useMemo(() => ownParameters(task), [task]);
  const isPast = useFlow((state) => state.shownRun !== null);
  return (
    <div className="setup" inert={isPast}>
      {action ? (
        <Form action={action.name} step={task.name} properties={action.properties} values={values} onChange={change} readable={readable} problems={problems} />
      ) : (
        <WordForm found={found} values={values} onChange={change} />
      )}
      <StepSettings key={found.step.ref} id={found.step.ref} task={task} isAction={action !== undefined} />
    </div>
  );
}
