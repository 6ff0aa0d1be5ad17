// A field for a model: name, id, price and context; a click opens the list.

import { ChevronDown } from "lucide-react";
import { useEffect, useMemo, useState, type ReactElement } from "react";

import { useComponent, type Property } from "../../api/component";
import { tokens } from "../../design/numbers";
import type { JsonObject } from "../../flow/document";
import { words } from "../../words";
import type { ControlProps } from "../controls/Control";
import { useForm } from "../context";
import { isFilter } from "../order";
import { useOptions } from "../useOptions";
import { Modalities } from "./Modalities";
import { leftOut, modelOf, perMillionText, type Model } from "./models";
import { ModelPicker } from "./ModelPicker";
import "./models.css";

export function ModelControl(props: ControlProps): ReactElement {
  const { id, property, path, value, onChange, setTools } = props;
  const [isOpen, setIsOpen] = useState(false);
  const form = useForm();
  const own = useOwnFilters();
  const names = useMemo(() => own.map((one) => one.name), [own]);
  const all = useOptions(property, path, { without: names });
  const offered = useOptions(property, path);
  const models = useMemo(() => (all.data?.options ?? []).map(modelOf), [all.data]);
  const count = useMemo(() => {
    const here = (offered.data?.options ?? []).map(modelOf);
    return offered.data ? leftOut(models, here, ownValues(own, form.values)).length : 0;
  }, [models, offered.data, own, form.values]);
  const current = typeof value === "string" ? value : "";
  const model = models.find((one) => one.id === current);

  useEffect(() => {
    if (count > 0)
      setTools(
        <button type="button" className="field-link" onClick={() => setIsOpen(true)}>
          {words.form.countNotOffered(count)}
        </button>,
      );
    return () => setTools(null);
  }, [count, setTools]);

  return (
    <>
      <button
        id={id}
        type="button"
        className="control model-control"
        role="combobox"
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        aria-labelledby={`${id}-label ${id}`}
        aria-describedby={`${id}-line`}
        aria-invalid={props.isInvalid}
        disabled={props.disabled}
        onClick={() => setIsOpen(true)}
      >
        {current === "" ? (
          <span className="combo-placeholder">{property.placeholder ? words.form.suchAs(property.placeholder) : words.form.chooseModel}</span>
        ) : (
          <span className="model-name">
            <b>{model?.name ?? current}</b>
            <span className="mono">{model ? current : words.form.notInList}</span>
          </span>
        )}
        <ChevronDown aria-hidden />
      </button>
      {model && <Facts model={model} />}
      {isOpen && <ModelPicker property={property} path={path} all={models} own={own} value={current} onChoose={onChange} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function Facts({ model }: { model: Model }): ReactElement {
  const hasBoth = model.input !== undefined && model.output !== undefined;
  return (
    <p className="model-facts">
      {hasBoth ? (
        <>
          <span><b className="mono">{perMillionText(model.input ?? 0)}</b> {words.form.in}</span>
          <span><b className="mono">{perMillionText(model.output ?? 0)}</b> {words.form.outPerMillion}</span>
        </>
      ) : (
        <span>{model.price || words.form.noPrice}</span>
      )}
      {/* The words of the list hold the context as well. */}
      {model.context !== undefined && (hasBoth || model.price === "") && <span><b className="mono">{tokens(model.context)}</b> {words.form.context}</span>}
      {model.accepts.length > 0 && <Modalities accepts={model.accepts} isShort />}
    </p>
  );
}

/** The filters of models that the form itself holds. */
function useOwnFilters(): Property[] {
  const { action } = useForm();
  const { data: component } = useComponent();
  return useMemo(() => {
    const found = component?.actions.find((one) => one.name === action);
    return (found?.properties ?? []).filter(isFilter);
  }, [component, action]);
}

export const ownValues = (own: readonly Property[], values: JsonObject): JsonObject =>
  Object.fromEntries(own.map((one) => [one.name, values[one.name]]));

