// The failure of the inspected step, with the doors that the inspector opens.

import type { ReactElement } from "react";

import { useFlow } from "../flow/store";
import { openRunDialog } from "../runs/dialogs";
import { FailureCard, type Doors } from "../runs/FailureCard";
import { doubtHelp } from "../runs/progress";
import { canResume } from "../runs/state";
import { useRun } from "../runs/store";
import type { InspectedStep } from "./useStep";

interface Props {
  found: InspectedStep;
  /** Open the list of models in the form. */
  onModels: () => void;
  /** Show the form, where it is not in sight. */
  onForm?: () => void;
}

export function StepFailure({ found, onModels, onForm }: Props): ReactElement | null {
  const run = useRun((state) => state.run);
  const isPast = useFlow((state) => state.shownRun !== null);
  const { run: step, action } = found;
  if (!run || (step?.status !== "failed" && step?.status !== "doubt") || !step.error) return null;
  const hasModel = action?.properties.some((one) => one.name === "model") ?? false;
  const doors: Doors = {
    raiseBudget: () => openRunDialog("run", found.step.around[0] ?? found.step.task.name),
    ...(canResume(run) ? { resume: (retryDoubtful) => useRun.getState().resume({ retryDoubtful }) } : {}),
    ...(hasModel && !isPast ? { otherModel: onModels } : {}),
    ...(onForm && !hasModel ? { showStep: onForm } : {}),
  };
  return <FailureCard key={step.place} error={step.error} at={step.ended} more={doubtHelp(run)} doors={doors} />;
}
