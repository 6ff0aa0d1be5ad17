// The fields inside a field.

import type { ReactElement } from "react";

import type { Property } from "../../api/component";
import { isObject, type Json } from "../../flow/document";
import { words } from "../../words";
import { useForm } from "../context";
import { FieldRow, FixButton } from "../FieldRow";
import { inner } from "../paths";
import type { ControlProps } from "./Control";
import { MapControl } from "./MapControl";

export function ObjectControl(props: ControlProps): ReactElement {
  const { property, path, value } = props;
  const { action, visible, disabled } = useForm();
  const properties = property.properties ?? [];
  const isShown = (one: Property): boolean => {
    const at = inner(path, one.name);
    return !visible || visible.has(at) || at in disabled || !visible.has(path);
  };
  const others = isObject(value) ? Object.keys(value).filter((key) => !properties.some((one) => one.name === key)) : [];
  return (
    <div className="object" role="group">
      {properties.filter(isShown).map((one) => (
        <FieldRow key={one.name} property={one} path={inner(path, one.name)} isInline={isInline(one, isObject(value) ? value[one.name] : undefined)} />
      ))}
      {property.additionalProperties ? (
        <OtherKeys {...props} keys={others} />
      ) : (
        action !== undefined && others.map((key) => <Unknown key={key} path={inner(path, key)} name={key} />)
      )}
    </div>
  );
}

/** Keys of one's own beside those that the definition knows. */
function OtherKeys({ keys, ...props }: ControlProps & { keys: string[] }): ReactElement {
  const { property, value, onChange } = props;
  const all = isObject(value) ? value : {};
  const isOther = ([key]: [string, unknown]): boolean => keys.includes(key);
  const [others, known] = [Object.entries(all).filter(isOther), Object.entries(all).filter((one) => !isOther(one))];
  return (
    <MapControl
      {...props}
      property={{ ...property, placeholder: words.form.setting }}
      value={Object.fromEntries(others)}
      onChange={(next) => onChange({ ...Object.fromEntries(known), ...(isObject(next) ? next : {}) })}
    />
  );
}

/** A key that the definition does not know: it is kept and shown, and a person decides. */
export function Unknown({ path, name }: { path: string; name: string }): ReactElement {
  const { problems } = useForm();
  const problem = problems.find((one) => one.path === path);
  const similar = /did you mean '([^']+)'/.exec(problem?.message ?? "")?.[1];
  return (
    <p className="field-problem" data-path={path}>
      <span>
        <code className="mono">{name}</code> {words.form.notKnown}{" "}
        {similar !== undefined && <FixButton path={path} fix={{ label: words.form.renameTo(similar), value: undefined, to: similar }} />}{" "}
        <FixButton path={path} fix={{ label: words.form.remove, value: undefined }} />
      </span>
    </p>
  );
}

/** A choice between few things stands beside its label. */
export const isInline = (property: Property, value: Json | undefined): boolean =>
  property.controlType === "SELECT" &&
  property.options !== undefined &&
  property.options.length <= 3 &&
  !property.optionsDataSource &&
  !(typeof value === "string" && value.includes("${"));
