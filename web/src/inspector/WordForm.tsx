// The form of a word of the flow.

import { useCallback, useMemo, type ReactElement } from "react";

import { wordOf } from "../flow/containers";
import type { Json, JsonObject } from "../flow/document";
import { Form } from "../form/Form";
import { words } from "../words";
import { Branches } from "./Branches";
import { Cases } from "./Cases";
import { ConditionForm } from "./ConditionForm";
import type { InspectedStep } from "./useStep";
import { itemsOf, WORD_FORMS } from "./wordForms";

export interface WordProps {
  found: InspectedStep;
  values: JsonObject;
  onChange: (path: string, value: Json | undefined) => void;
}

const OTHER = [{ name: "", label: words.inspector.parameters, type: "OBJECT", controlType: "JSON" }];

export function WordForm(props: WordProps): ReactElement {
  const { found, values, onChange } = props;
  const word = wordOf(found.step.task);
  const { name } = found.step.task;
  const properties = WORD_FORMS[word]?.map((one) => (one.name === "items" ? { ...one, description: words.inspector.itemsHelp(name) } : one));
  const shown = useMemo(() => (Array.isArray(values.items) && values.items.length === 0 ? { ...values, items: undefined } : values), [values]);
  const change = useCallback((path: string, value: Json | undefined) => onChange(path, path === "items" ? itemsOf(value) : value), [onChange]);
  const help = words.canvas.flowHelp[word];
  const isKnown = help !== undefined;
  return (
    <>
      <p className="inspector-help">{help ?? words.inspector.doesNotRun(found.step.task.type)}</p>
      {word === "condition" && <ConditionForm {...props} />}
      {properties && <Form step={name} properties={known(properties, shown)} values={shown} onChange={change} readable={found.readable} problems={found.problems} />}
      {word === "branch" && <Cases {...props} />}
      {word === "fork-join" && <Branches {...props} />}
      {!isKnown && <Form step={name} properties={OTHER} values={values} onChange={onChange} readable={found.readable} problems={found.problems} />}
    </>
  );
}

/** Keys of a word that the form does not draw are no mistake. */
function known(properties: typeof OTHER | (typeof WORD_FORMS)[string], values: JsonObject): NonNullable<(typeof WORD_FORMS)[string]> {
  const names = properties.map((one) => one.name);
  return [...properties, ...Object.keys(values).filter((key) => !names.includes(key)).map((key) => ({ name: key, label: key, type: "ANY", controlType: "HIDDEN" }))];
}
