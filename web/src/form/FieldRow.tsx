// One field: its label and tools, its control, and one line below: the problem, else the reason, else the help.

import { Braces, Lock, TriangleAlert, Undo2 } from "lucide-react";
import { useId, useState, type DragEvent, type ReactElement, type ReactNode } from "react";

import type { Property } from "../api/component";
import { IconButton } from "../design/controls";
import type { Json } from "../flow/document";
import { words } from "../words";
import { useForm } from "./context";
import { Control, isTextToo } from "./controls/Control";
import { isSearched } from "./models/models";
import { FLOW_FIELD, isFieldDrag } from "./drag";
import { isDynamic } from "./dynamic";
import { isInside, valueAt, withValue } from "./paths";
import { PillEditor } from "./pills/PillEditor";
import { problemAt, sentence, shown, type Fix, type Problem } from "./problems";

interface Props {
  property: Property;
  path: string;
  /** Whether the label stands at the left of the control. */
  isInline?: boolean;
  /** Whether the control alone is drawn, as in a row of a list. */
  isBare?: boolean;
}

export function FieldRow({ property, path, isInline, isBare }: Props): ReactElement {
  const form = useForm();
  const id = useId();
  const value = valueAt(form.values, path);
  const [wantsExpression, setWantsExpression] = useState(false);
  const [tools, setTools] = useState<ReactNode>(null);
  const disabled = form.disabled[path];
  const isText = takesText(property);
  const isExpression = !isText && (wantsExpression || isDynamic(value));
  const problem = problemOf(form.problems, property, path);
  const change = (next: Json | undefined): void => form.change(path, next);
  const [isTarget, setIsTarget] = useState(false);
  const drop = (event: DragEvent): void => {
    setIsTarget(false);
    const text = event.dataTransfer.getData(FLOW_FIELD);
    if (!text) return;
    event.preventDefault();
    event.stopPropagation();
    change(property.type === "ARRAY" && property.items?.type === "FILE_ENTRY" && Array.isArray(value) ? [...value, text] : text);
  };
  const line = <Line id={`${id}-line`} property={property} path={path} problem={problem} disabled={disabled} isQuiet={isBare === true || isInline === true || saysMore(property)} />;
  const control = isExpression ? (
    <PillEditor
      id={id}
      value={typeof value === "string" ? value : ""}
      placeholder={words.form.expressionHint}
      isMono
      autoFocus={wantsExpression}
      labelledBy={`${id}-label`}
      describedBy={`${id}-line`}
      isInvalid={problem !== undefined}
      onChange={(text) => change(text === "" ? undefined : text)}
      onBlur={() => setWantsExpression(false)}
    />
  ) : (
    <Control id={id} property={property} path={path} value={value} onChange={change} isInvalid={problem !== undefined} disabled={disabled !== undefined} setTools={setTools} />
  );
  return (
    <div
      className={`field ${isInline ? "field-inline" : ""} ${property.controlType === "NUMBER" || property.controlType === "INTEGER" ? "field-number" : ""} ${disabled === undefined ? "" : "field-off"} ${isTarget ? "field-target" : ""}`}
      data-path={path}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && form.leave(path)}
      onDragOver={(event) => {
        if (!isFieldDrag(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setIsTarget(true);
      }}
      onDragLeave={() => setIsTarget(false)}
      onDropCapture={() => setIsTarget(false)}
      onDrop={drop}
    >
      {!isBare && (
        <div className="field-head">
          <label className="field-label" id={`${id}-label`} htmlFor={id} title={property.description}>
            {property.label}
            {property.required && <span className="field-required" role="img" aria-label={words.form.required} />}
          </label>
          <span className="field-tools">
            {!isExpression && tools}
            {canReset(property, value) && (
              <IconButton className="field-tool" label={words.form.reset} onClick={() => change(undefined)}>
                <Undo2 />
              </IconButton>
            )}
            {!isText && (
              <IconButton
                className="field-tool field-quiet"
                label={isExpression ? words.form.asValue : words.form.asExpression}
                aria-pressed={isExpression}
                onClick={() => {
                  if (isDynamic(value)) change(undefined);
                  setWantsExpression(!isExpression);
                }}
              >
                <Braces />
              </IconButton>
            )}
          </span>
        </div>
      )}
      {isBare ? <span className="sr-only" id={`${id}-label`}>{property.label || words.form.item}</span> : null}
      {control}
      {line}
    </div>
  );
}

interface LineProps {
  id: string;
  property: Property;
  path: string;
  problem: Problem | undefined;
  disabled: string | undefined;
  /** Whether the help is only in the tooltip of the label. */
  isQuiet: boolean;
}

function Line({ id, property, path, problem, disabled, isQuiet }: LineProps): ReactElement | null {
  const form = useForm();
  if (problem) {
    const { text, fix } = shown(problem, property, form.bounds[path]?.max);
    return (
      <p className="field-problem" id={id}>
        <TriangleAlert aria-hidden />
        <span>
          {text} {fix && <FixButton fix={fix} path={problem.path} />}
        </span>
      </p>
    );
  }
  if (disabled !== undefined)
    return (
      <p className="field-reason" id={id}>
        <Lock aria-hidden /> <span>{sentence(disabled)}</span>
      </p>
    );
  if (isQuiet || !property.description) return null;
  return (
    <p className="field-help" id={id}>
      <WithCode text={property.description} />
    </p>
  );
}

export function FixButton({ fix, path }: { fix: Fix; path: string }): ReactElement {
  const { change, values } = useForm();
  const mend = (): void => {
    if (fix.to === undefined) { change(path, fix.value); return; }
    const moved = path.replace(/[^.[\]]+$/, fix.to);
    const value = valueAt(values, path);
    change("", withValue(withValue(values, path, undefined), moved, value));
  };
  return (
    <button type="button" className="field-fix" onClick={mend}>
      {fix.label}
    </button>
  );
}

/** Text in backticks is code. */
function WithCode({ text }: { text: string }): ReactElement {
  return <>{text.split("`").map((part, index) => (index % 2 === 1 ? <code key={index} className="mono">{part}</code> : part))}</>;
}

/** Fields that have a line of their own below the control, or fields inside them. */
const saysMore = (property: Property): boolean =>
  property.controlType === "TEXT_AREA" || (property.controlType === "OBJECT_BUILDER" && property.properties !== undefined) || isSearched(property);

/** Controls that take pills as a part of their text. */
export const takesText = (property: Property): boolean =>
  ["TEXT", "TEXT_AREA"].includes(property.controlType) || isTextToo(property);

const hasFields = (property: Property): boolean =>
  property.controlType === "ARRAY_BUILDER" ||
  (property.controlType === "OBJECT_BUILDER" && (property.properties !== undefined || property.additionalProperties !== undefined));

/** A field without fields inside it also shows what is wrong inside its value. */
function problemOf(problems: readonly Problem[], property: Property, path: string): Problem | undefined {
  return problemAt(problems, path) ?? (hasFields(property) ? undefined : problems.find((one) => isInside(one.path, path)));
}

const canReset = (property: Property, value: Json | undefined): boolean =>
  value !== undefined && property.required !== true && ["NUMBER", "INTEGER"].includes(property.type);
