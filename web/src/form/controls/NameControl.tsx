// A name by which others read a thing: it changes when it is finished, so that they can follow.

import { useState, type ReactElement } from "react";

import { words } from "../../words";
import type { ControlProps } from "./Control";

const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

export function NameControl({ id, value, onChange, isInvalid, disabled }: ControlProps): ReactElement {
  const [draft, setDraft] = useState<string | null>(null);
  const current = typeof value === "string" ? value : "";
  const text = draft ?? current;
  const isWrong = text !== "" && !NAME.test(text);
  const commit = (): void => {
    if (text !== current && text !== "" && !isWrong) onChange(text);
    setDraft(null);
  };
  return (
    <>
      <input
        id={id}
        className="control control-input mono"
        autoComplete="off"
        spellCheck={false}
        value={text}
        aria-invalid={isInvalid || isWrong}
        aria-describedby={`${id}-line`}
        disabled={disabled}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape") setDraft(null);
        }}
      />
      {isWrong && <p className="field-problem">{words.form.wrongName}</p>}
    </>
  );
}
