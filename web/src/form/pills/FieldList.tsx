// The fields that an expression can read, with the last value of each.

import { useEffect, useRef, type ReactElement } from "react";

import type { Json } from "../../flow/document";
import { useFlow } from "../../flow/store";
import { recordedValue, useRecorded } from "../../runs/recorded";
import { words } from "../../words";
import { valueAt, pathOfKeys } from "../paths";
import { SourceIcon, useSource } from "./Pill";
import type { Readable } from "./readable";

interface Props {
  id: string;
  found: readonly Readable[];
  at: number;
  onChoose: (field: Readable) => void;
}

export function FieldList({ id, found, at, onChoose }: Props): ReactElement {
  return (
    <div className="fields" id={id} role="listbox" aria-label={words.form.fields}>
      {found.length === 0 && <p className="fields-none">{words.form.noFields}</p>}
      {found.map((field, index) => (
        <Row
          key={field.expression}
          id={`${id}-${index}`}
          field={field}
          isWhole={!found.slice(0, index).some((one) => one.name === field.name)}
          isAt={index === at}
          onChoose={() => onChoose(field)}
        />
      ))}
    </div>
  );
}

interface RowProps {
  id: string;
  field: Readable;
  /** Whether the row says the whole path: the first one of its step does. */
  isWhole: boolean;
  isAt: boolean;
  onChoose: () => void;
}

function Row({ id, field, isWhole, isAt, onChoose }: RowProps): ReactElement {
  const source = useSource(field.name);
  const row = useRef<HTMLDivElement>(null);
  const value = useLastValue(field);
  useEffect(() => {
    if (isAt) row.current?.scrollIntoView({ block: "nearest" });
  }, [isAt]);
  return (
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={isAt}
      className={`fields-row ${isWhole ? "" : "fields-inner"}`}
      style={{ paddingLeft: isWhole ? undefined : 14 + 12 * field.path.length }}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      {isWhole && <SourceIcon source={source} />}
      <span className="fields-name">{isWhole ? field.expression : pathOfKeys(field.path.slice(-1))}</span>
      <span className="fields-value">{value === undefined ? field.kind : brief(value)}</span>
    </div>
  );
}

/** What the step returned last. */
function useLastValue(field: Readable): Json | undefined {
  const flow = useFlow((state) => state.flow);
  const outputs = useRecorded((state) => state.outputs);
  const output = recordedValue(flow, outputs, field.name);
  return output === undefined ? undefined : valueAt(output, pathOfKeys(field.path));
}

const BRIEF = 80;

export function brief(value: Json): string {
  if (typeof value === "string") return value.slice(0, BRIEF);
  if (Array.isArray(value)) return words.form.listOf(value.length);
  if (typeof value === "object" && value !== null) return typeof value.name === "string" && "mimeType" in value ? value.name : words.form.object;
  return String(value);
}
