import { useId, type ReactElement } from "react";

import { words } from "../words";
import { limitOf } from "./report";

interface Props {
  value: string;
  onChange: (value: string) => void;
}

/** The spending limit of a new key. What is no amount is marked: it must not be taken for "no limit". */
export function LimitField({ value, onChange }: Props): ReactElement {
  const id = useId();
  const isWrong = limitOf(value) === undefined;
  return (
    <span className="wizard-limit">
      <label>
        {words.wizard.limit}
        <input
          className="wizard-input wizard-short"
          inputMode="decimal"
          value={value}
          placeholder={words.wizard.noLimit}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? id : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      </label>
      {isWrong && (
        <span className="wizard-problem" id={id} role="status">
          {words.wizard.noAmount}
        </span>
      )}
    </span>
  );
}
