// The form of a step: that of its action, or of a word of the flow; below it the settings of the step itself.

import { useMemo, type ReactElement } from "react";

import { ownParameters, wordOf } from "../flow/containers";
import { useFlow } from "../flow/store";
import { Form } from "../form/Form";
import { ReadForm } from "../form/ReadForm";
import { SETTINGS, settingsOf } from "./settings";
import { StepSettings } from "./StepSettings";
import { useParameterChange, type InspectedStep } from "./useStep";
import { WordForm } from "./WordForm";
import { WORD_FORMS } from "./wordForms";

export function Setup({ found }: { found: InspectedStep }): ReactElement {
  const { action, problems, readable } = found;
  const { task } = found.step;
  const change = useParameterChange(found.step.ref);
  const values = useMemo(() => ownParameters(task), [task]);
  const isPast = useFlow((state) => state.shownRun !== null);
  if (isPast)
    return (
      <>
        <ReadForm properties={action?.properties ?? WORD_FORMS[wordOf(task)] ?? []} values={values} />
        <ReadForm properties={SETTINGS} values={settingsOf(task)} />
      </>
    );
  return (
    <div className="setup">
      {action ? (
        <Form action={action.name} step={task.name} properties={action.properties} values={values} onChange={change} readable={readable} problems={problems} />
      ) : (
        <WordForm found={found} values={values} onChange={change} />
      )}
      <StepSettings key={found.step.ref} id={found.step.ref} task={task} isAction={action !== undefined} />
    </div>
  );
}
