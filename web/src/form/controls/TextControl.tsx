// Texts: one line or several, with pills; and a hidden line without.

import { Eye, EyeOff, Maximize2 } from "lucide-react";
import { useEffect, useState, type ReactElement } from "react";

import { Button, Dialog, IconButton } from "../../design/controls";
import type { Json } from "../../flow/document";
import { words } from "../../words";
import { useForm } from "../context";
import { PillEditor } from "../pills/PillEditor";
import { aboutTokens } from "../pills/segments";
import type { ControlProps } from "./Control";

export function TextControl(props: ControlProps): ReactElement {
  const { property, value, onChange, setTools } = props;
  const { action } = useForm();
  const isMultiline = property.controlType === "TEXT_AREA";
  const [isLarge, setIsLarge] = useState(false);
  const text = typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
  useEffect(() => {
    if (isMultiline)
      setTools(
        <IconButton className="field-tool" label={words.form.expand} onClick={() => setIsLarge(true)}>
          <Maximize2 />
        </IconButton>,
      );
    return () => setTools(null);
  }, [isMultiline, setTools]);
  const editor = (
    <PillEditor
      id={isLarge ? `${props.id}-large` : props.id}
      value={text}
      isMultiline={isMultiline}
      placeholder={property.placeholder ?? defaultOf(property.defaultValue)}
      labelledBy={`${props.id}-label`}
      describedBy={`${props.id}-line`}
      isInvalid={props.isInvalid}
      disabled={props.disabled}
      autoFocus={isLarge}
      onChange={(next) => onChange(next === "" ? undefined : next)}
    />
  );
  if (!isMultiline) return editor;
  return (
    <>
      {editor}
      {action !== undefined && (
        <p className="field-hint">
          <span>{words.form.pillHint}</span>
          <span className="mono">{text !== "" && words.form.aboutTokens(aboutTokens(text))}</span>
        </p>
      )}
      <Dialog title={property.label} isOpen={isLarge} onClose={() => setIsLarge(false)} width={860} className="text-large" foot={<Button look="primary" onClick={() => setIsLarge(false)}>{words.form.finish}</Button>}>
        {editor}
      </Dialog>
    </>
  );
}

export const defaultOf = (value: Json | undefined): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? words.form.byDefault(String(value)) : undefined;

export function PasswordControl({ id, property, value, onChange, isInvalid, disabled }: ControlProps): ReactElement {
  const [isShown, setIsShown] = useState(false);
  return (
    <div className="control">
      <input
        id={id}
        className="control-input"
        type={isShown ? "text" : "password"}
        autoComplete="off"
        placeholder={property.placeholder}
        value={typeof value === "string" ? value : ""}
        aria-invalid={isInvalid}
        aria-describedby={`${id}-line`}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      />
      <IconButton className="field-tool" label={isShown ? words.form.hide : words.form.show} onClick={() => setIsShown(!isShown)}>
        {isShown ? <EyeOff /> : <Eye />}
      </IconButton>
    </div>
  );
}
