// The schema of an answer: a row for each field, or the same as JSON.

import { Plus } from "lucide-react";
import { useEffect, useState, type ReactElement } from "react";

import { isObject, type Json } from "../../flow/document";
import { words } from "../../words";
import type { ControlProps } from "../controls/Control";
import { JsonControl } from "../controls/JsonControl";
import { isDynamic } from "../dynamic";
import { useFocusAdded } from "../useFocusAdded";
import { changed, freshKey, newRow, rowsOf, schemaOf, type SchemaRow } from "./rows";
import { SchemaRows } from "./SchemaRows";
import "./schema.css";

export function SchemaControl(props: ControlProps): ReactElement {
  const { id, property, value, onChange, setTools } = props;
  const schema = parsed(value);
  const rows = rowsOf(schema);
  const [wantsJson, setWantsJson] = useState(false);
  const isJson = wantsJson || rows === undefined || isDynamic(value);
  const write = (next: Json): void => onChange(property.type === "STRING" && typeof value !== "object" ? JSON.stringify(next, null, 2) : next);
  const writeRows = (next: SchemaRow[]): void => write(schemaOf(next, isObject(schema) ? schema : {}));

  const { ref, added } = useFocusAdded(rows?.length ?? 0, ":scope > .schema-rows > li");

  useEffect(() => {
    setTools(
      <span className="schema-tabs" role="group" aria-label={words.form.view}>
        <button type="button" aria-pressed={!isJson} disabled={rows === undefined} onClick={() => setWantsJson(false)}>{words.form.fieldsTab}</button>
        <button type="button" aria-pressed={isJson} onClick={() => setWantsJson(true)}>{words.form.json}</button>
      </span>,
    );
    return () => setTools(null);
  }, [isJson, rows === undefined, setTools]); // eslint-disable-line react-hooks/exhaustive-deps

  if (isJson) return <JsonControl {...props} />;
  return (
    <div ref={ref} className="schema" role="group" aria-labelledby={`${id}-label`} data-invalid={props.isInvalid || undefined}>
      <SchemaRows rows={rows} path={[]} onChange={(at, change) => writeRows(changed(rows, at, change))} />
      <button
        id={id}
        type="button"
        className="schema-add"
        disabled={props.disabled}
        onClick={() => {
          added();
          writeRows([...rows, newRow(freshKey(rows, words.form.newKey))]);
        }}
      >
        <Plus aria-hidden /> {words.form.addField}
      </button>
    </div>
  );
}

function parsed(value: Json | undefined): Json | undefined {
  if (typeof value !== "string") return value ?? undefined;
  if (value.trim() === "") return undefined;
  try {
    return JSON.parse(value) as Json;
  } catch {
    return null;
  }
}
