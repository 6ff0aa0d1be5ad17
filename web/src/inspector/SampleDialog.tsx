// Asks for what a step reads and no run has recorded yet.

import { useState, type ReactElement } from "react";

import { Button, Dialog } from "../design/controls";
import { InputField } from "../runs/InputField";
import { readInputs, typedOf, type Typed } from "../runs/inputs";
import { useOneStep } from "../runs/oneStep";
import { words } from "../words";
import type { StepPlan } from "../runs/stepPlan";

export function SampleDialog(): ReactElement | null {
  const asked = useOneStep((state) => state.asked);
  return asked && <Samples key={asked.name} name={asked.name} plan={asked.plan} />;
}

function Samples({ name, plan }: { name: string; plan: StepPlan }): ReactElement {
  const { go, close: onClose } = useOneStep();
  const [typed, setTyped] = useState<Typed>(() => typedOf(plan.missing, {}));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const start = (): void => {
    const read = readInputs(plan.missing, typed);
    setProblems(read.problems);
    if (Object.keys(read.problems).length > 0) return;
    void go(read.values);
  };
  return (
    <Dialog
      title={words.inspector.samplesTitle(name)}
      isOpen
      onClose={onClose}
      foot={
        <>
          <span className="dialog-space" />
          <Button onClick={onClose}>{words.app.cancel}</Button>
          <Button look="primary" onClick={start}>{words.inspector.runStep}</Button>
        </>
      }
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <p className="field-help">{words.inspector.samplesHelp}</p>
        {plan.missing.map((input, index) => (
          <InputField key={input.name} input={input} value={typed[input.name] ?? null} problem={problems[input.name]} hasFocus={index === 0} onChange={(value) => setTyped({ ...typed, [input.name]: value })} />
        ))}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
