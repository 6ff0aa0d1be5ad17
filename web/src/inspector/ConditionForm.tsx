// A condition: one expression, or comparisons of which one group must hold.

import { Plus, X } from "lucide-react";
import type { ReactElement } from "react";

import { Button, IconButton } from "../design/controls";
import type { Json } from "../flow/document";
import { Form } from "../form/Form";
import { FormContext, useForm } from "../form/context";
import { PillEditor } from "../form/pills/PillEditor";
import { words } from "../words";
import { comparisonsOf, newComparison, OPERATIONS, withType, type Comparison, type ComparisonType, type Operation } from "./wordForms";
import type { WordProps } from "./WordForm";

const EXPRESSION = [
  { name: "expression", label: words.inspector.expression, type: "ANY", controlType: "TEXT", required: true, placeholder: words.inspector.conditionHint, description: words.inspector.conditionHelp },
  { name: "rawExpression", label: "", type: "ANY", controlType: "HIDDEN" },
  { name: "conditions", label: "", type: "ANY", controlType: "HIDDEN" },
];

export function ConditionForm({ found, values, onChange }: WordProps): ReactElement {
  const isRaw = values.rawExpression === true;
  const groups = comparisonsOf(values.conditions);
  const scope = useForm();
  const toComparisons = (): void => {
    onChange("rawExpression", false);
    if (groups.length === 0) onChange("conditions", [[newComparison()]]);
  };
  const write = (next: Comparison[][]): void => onChange("conditions", next.filter((group) => group.length > 0));
  return (
    <>
      <div className="segments" role="radiogroup" aria-label={words.inspector.conditionKind}>
        <button type="button" role="radio" aria-checked={isRaw} className="segment" onClick={() => onChange("rawExpression", true)}>{words.inspector.expression}</button>
        <button type="button" role="radio" aria-checked={!isRaw} className="segment" onClick={toComparisons}>{words.inspector.comparisons}</button>
      </div>
      {isRaw ? (
        <Form step={found.step.task.name} properties={EXPRESSION} values={values} onChange={onChange} readable={found.readable} problems={found.problems} />
      ) : (
        <FormContext value={{ ...scope, readable: found.readable }}>
          {groups.map((group, index) => (
            <div key={index} className="comparison-group">
              {index > 0 && <p className="comparison-or">{words.inspector.or}</p>}
              {group.map((one, place) => (
                <Row
                  key={place}
                  one={one}
                  id={`${found.step.task.name}-${index}-${place}`}
                  onChange={(next) => write(groups.with(index, next ? group.with(place, next) : group.toSpliced(place, 1)))}
                />
              ))}
              <Button isSmall look="quiet" onClick={() => write(groups.with(index, [...group, newComparison()]))}>
                <Plus /> {words.inspector.and}
              </Button>
            </div>
          ))}
          <div>
            <Button isSmall onClick={() => write([...groups, [newComparison()]])}>
              <Plus /> {groups.length === 0 ? words.inspector.addComparison : words.inspector.orElse}
            </Button>
          </div>
        </FormContext>
      )}
    </>
  );
}

function Row({ one, id, onChange }: { one: Comparison; id: string; onChange: (next: Comparison | undefined) => void }): ReactElement {
  const operations: readonly Operation[] = one.type in OPERATIONS ? OPERATIONS[one.type] : [];
  const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value));
  return (
    <div className="comparison">
      <PillEditor id={`${id}-1`} value={textOf(one.value1)} placeholder={words.inspector.value} isMono onChange={(value1) => onChange({ ...one, value1 })} />
      <div className="comparison-line">
        <select className="control" aria-label={words.inspector.type} value={one.type} onChange={(event) => onChange(withType(one, event.target.value as ComparisonType))}>
          {Object.keys(OPERATIONS).map((type) => <option key={type} value={type}>{words.types[type as ComparisonType]}</option>)}
        </select>
        <select className="control" aria-label={words.inspector.operation} value={one.operation} onChange={(event) => onChange({ ...one, operation: event.target.value as Operation })}>
          {operations.map((operation) => <option key={operation} value={operation}>{words.inspector.operations[operation]}</option>)}
        </select>
        <IconButton className="field-tool" label={words.form.remove} onClick={() => onChange(undefined)}>
          <X />
        </IconButton>
      </div>
      {one.operation !== "EMPTY" && (
        <PillEditor id={`${id}-2`} value={textOf(one.value2)} placeholder={words.inspector.value} isMono onChange={(value2) => onChange({ ...one, value2 })} />
      )}
    </div>
  );
}
