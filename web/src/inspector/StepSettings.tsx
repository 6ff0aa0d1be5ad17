// The label and the name of a step, and what its failure means.

import { ChevronRight } from "lucide-react";
import { useCallback, useMemo, useState, type ReactElement } from "react";

import type { Json, Task } from "../flow/document";
import { useFlow } from "../flow/store";
import { nameOf, namesTaken, rename } from "../flow/tree";
import { Form } from "../form/Form";
import { words } from "../words";
import { FAILURE, LABEL, NAME } from "./settings";
import { useTaskChange } from "./useStep";

export function StepSettings({ id, task, isAction }: { id: string; task: Task; isAction: boolean }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const change = useTaskChange(id);
  const properties = useMemo(() => [LABEL, NAME, ...(isAction ? FAILURE : [])], [isAction]);
  const values = useMemo(() => {
    const own = properties.flatMap(({ name }) => (task[name] === undefined ? [] : [[name, task[name]] as const]));
    return Object.fromEntries(own);
  }, [task, properties]);
  const set = Object.keys(values).filter((key) => FAILURE.some((one) => one.name === key)).length;
  const write = useCallback(
    (path: string, value: Json | undefined) => {
      if (path === "name" && typeof value === "string") renameStep(id, value);
      else change(path, value);
    },
    [id, change],
  );
  return (
    <section className="fold inspector-settings">
      <button type="button" className="fold-head" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <ChevronRight aria-hidden /> {words.inspector.settings}
        {set > 0 && <span className="fold-count">{words.form.set(set)}</span>}
      </button>
      {isOpen && (
        <div className="fold-body">
          <Form properties={properties} values={values} onChange={write} />
        </div>
      )}
    </section>
  );
}

/** Rename a step with all that reads it; a name that is taken is refused. */
export function renameStep(id: string, name: string): void {
  const { flow, edit, select } = useFlow.getState();
  if (name === nameOf(id) || namesTaken(flow).includes(name)) return;
  edit(words.inspector.renamed, (now) => rename(now, id, name));
  select([name]);
}
