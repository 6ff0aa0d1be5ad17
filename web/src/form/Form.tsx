// The form of an action, as `/form` describes it.

import { ChevronRight } from "lucide-react";
import { useMemo, useState, type ReactElement } from "react";

import type { Property } from "../api/component";
import type { JsonObject } from "../flow/document";
import { isMarked, leave, useLeft } from "../flow/left";
import { words } from "../words";
import { FormContext, type FormScope } from "./context";
import { isInline, Unknown } from "./controls/ObjectControl";
import { FieldRow } from "./FieldRow";
import "./Form.css";
import { ordered } from "./order";
import { keysOf } from "./paths";
import type { Readable } from "./pills/readable";
import type { Problem } from "./problems";
import { useFormView, type FormView } from "./useFormView";

interface Props {
  /** The action; undefined for fields that no action has, such as those of a container. */
  action?: string;
  /** The step whose form it is: what is missing in it is marked when its field was left. */
  step?: string;
  properties: Property[];
  values: JsonObject;
  /** `path` is as in problems: `messages[0].role`; empty for all values. Undefined takes the key out. */
  onChange: (path: string, value: JsonObject[string]) => void;
  /** What an expression can read here. */
  readable?: readonly Readable[];
  /** Problems that others found, such as the check of the flow. */
  problems?: readonly Problem[];
}

const NOTHING: never[] = [];

export function Form({ action, step, properties, values, onChange, readable = NOTHING, problems = NOTHING }: Props): ReactElement {
  const { view, isGone } = useFormView(action, properties, values);
  const places = useLeft((left) => left.places);
  const all = useMemo(
    () => withOthers(view?.errors ?? [], problems).filter((one) => step === undefined || isMarked(one, step, places)),
    [view, problems, step, places],
  );
  const scope = useMemo<FormScope>(
    () => ({
      action,
      values,
      change: onChange,
      leave: (path) => step !== undefined && leave(step, path),
      visible: view?.visible,
      disabled: view?.disabled ?? {},
      options: view?.options ?? {},
      bounds: view?.bounds ?? {},
      problems: all,
      readable,
    }),
    [action, step, values, onChange, view, all, readable],
  );
  // Empty fields would look like lost values.
  if (isGone && !view) return <p className="form-gone" role="status">{words.form.notLoaded}</p>;
  if (action !== undefined && !view) return <FormSkeleton properties={properties} />;
  return (
    <FormContext value={scope}>
      <Fields properties={properties} values={values} view={view} problems={all} />
    </FormContext>
  );
}

function Fields({ properties, values, view, problems }: { properties: Property[]; values: JsonObject; view: FormView | undefined; problems: readonly Problem[] }): ReactElement {
  const { common, advanced, set, unknown } = ordered(properties, values, view);
  const [isOpen, setIsOpen] = useState(false);
  const wrong = advanced.filter((one) => problems.some((problem) => keysOf(problem.path)[0] === one.name)).length;
  const row = (one: Property): ReactElement => <FieldRow key={one.name} property={one} path={one.name} isInline={isInline(one, values[one.name])} />;
  return (
    <form className="form" onSubmit={(event) => event.preventDefault()} autoComplete="off">
      {view && unknown.map((key) => (
        <Unknown key={key} path={key} name={key} />
      ))}
      {common.map(row)}
      {advanced.length > 0 && (
        <section className="fold">
          <button type="button" className="fold-head" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            <ChevronRight aria-hidden /> {words.form.advanced}
            {set > 0 && <span className="fold-count">{words.form.set(set)}</span>}
            {wrong > 0 && <span className="fold-count fold-wrong">{words.form.problems(wrong)}</span>}
          </button>
          {isOpen && <div className="fold-body">{advanced.map(row)}</div>}
        </section>
      )}
      {(view?.warnings ?? []).length > 0 && (
        <ul className="form-warnings">
          {view?.warnings.map((text) => <li key={text}>{text}</li>)}
        </ul>
      )}
    </form>
  );
}

/** What the form says of a place comes before what others say of it. */
function withOthers(errors: readonly Problem[], others: readonly Problem[]): Problem[] {
  return [...errors, ...others.filter((one) => !errors.some((error) => error.path === one.path))];
}

const RESERVED = 4;

function FormSkeleton({ properties }: { properties: Property[] }): ReactElement {
  return (
    <div className="form" aria-busy>
      {properties.slice(0, RESERVED).map((one) => (
        <div key={one.name} className="field">
          <span className="field-label">{one.label}</span>
          <div className="control" />
        </div>
      ))}
    </div>
  );
}
