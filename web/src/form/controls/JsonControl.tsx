// JSON as text: what is no JSON yet is kept as the text that it is.

import { useState, type ReactElement } from "react";

import type { Json } from "../../flow/document";
import { words } from "../../words";
import type { ControlProps } from "./Control";

export function JsonControl({ id, property, value, onChange, isInvalid, disabled }: ControlProps): ReactElement {
  const [draft, setDraft] = useState<string | null>(null);
  const current = draft !== null && same(draft, value) ? draft : textOf(value);
  const problem = current.trim() === "" ? null : jsonProblem(current);
  const mayBeText = property.type === "ANY" || property.type === "STRING";
  return (
    <>
      <textarea
        id={id}
        className="control control-area mono"
        rows={Math.min(16, Math.max(mayBeText ? 1 : 3, current.split("\n").length))}
        spellCheck={false}
        placeholder={property.placeholder ?? (property.type === "ARRAY" ? "[ ]" : property.type === "OBJECT" ? "{ }" : "")}
        value={current}
        aria-invalid={isInvalid || (problem !== null && !mayBeText)}
        aria-describedby={`${id}-line`}
        disabled={disabled}
        onChange={(event) => {
          setDraft(event.target.value);
          onChange(valueOf(event.target.value));
        }}
        onBlur={() => setDraft(null)}
      />
      {problem !== null && (!mayBeText || /^\s*[[{"]/.test(current)) && <p className="field-hint">{mayBeText ? words.form.jsonAsText : problem}</p>}
    </>
  );
}

export function valueOf(text: string): Json | undefined {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const textOf = (value: Json | undefined): string =>
  value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 2);

const same = (draft: string, value: Json | undefined): boolean => JSON.stringify(valueOf(draft)) === JSON.stringify(value);

export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return words.form.noJson(error instanceof Error ? error.message.replace(/^.*?: /, "") : "");
  }
}
