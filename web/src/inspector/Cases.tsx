// The cases of a branch. Removing a case also removes its steps; undo brings them back.

import { Plus, X } from "lucide-react";
import type { ReactElement } from "react";

import { Button, IconButton } from "../design/controls";
import { isObject, type Json } from "../flow/document";
import { FormContext, useForm } from "../form/context";
import { PillEditor } from "../form/pills/PillEditor";
import { useFocusAdded } from "../form/useFocusAdded";
import { words } from "../words";
import type { WordProps } from "./WordForm";

export function Cases({ found, onChange }: WordProps): ReactElement {
  const listed = found.step.task.parameters?.cases;
  const cases = Array.isArray(listed) ? listed : [];
  const scope = useForm();
  const { ref, added } = useFocusAdded(cases.length);
  const add = (): void => {
    added();
    onChange("cases", [...cases, { key: "", tasks: [] }]);
  };
  return (
    <FormContext value={{ ...scope, readable: found.readable }}>
      <div className="field">
        <span className="field-label">{words.inspector.cases}</span>
        <div className="list" ref={ref}>
          {cases.map((one, index) => {
            const problem = found.problems.find((each) => each.path === `cases[${index}].key`);
            return (
              <div key={index} className="list-row case-row">
                <div>
                  <PillEditor
                    id={`${found.step.task.name}-case-${index}`}
                    value={keyOf(one)}
                    placeholder={words.inspector.caseKey}
                    isInvalid={problem !== undefined}
                    onChange={(key) => onChange(`cases[${index}].key`, key)}
                  />
                  {problem && <p className="field-problem">{problem.message}</p>}
                </div>
                <IconButton className="field-tool" label={words.form.removeItem(index + 1)} onClick={() => onChange(`cases[${index}]`, undefined)}>
                  <X />
                </IconButton>
              </div>
            );
          })}
          <Button isSmall onClick={add}>
            <Plus /> {words.inspector.addCase}
          </Button>
        </div>
        <p className="field-help">{words.inspector.casesHelp}</p>
      </div>
    </FormContext>
  );
}

function keyOf(one: Json): string {
  const key = isObject(one) ? one.key : undefined;
  return typeof key === "string" ? key : key === undefined || key === null ? "" : JSON.stringify(key);
}
