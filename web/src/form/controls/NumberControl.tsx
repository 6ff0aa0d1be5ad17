// A number, with a slider where both of its bounds are known.

import { Slider } from "radix-ui";
import { useState, type ReactElement } from "react";

import type { Property } from "../../api/component";
import { useForm } from "../context";
import type { ControlProps } from "./Control";
import { defaultOf } from "./TextControl";

export function NumberControl({ id, property, path, value, onChange, isInvalid, disabled }: ControlProps): ReactElement {
  const { bounds } = useForm();
  // What is typed and is no number yet, such as `-` or `1.`.
  const [draft, setDraft] = useState<string | null>(null);
  const low = bounds[path]?.min ?? property.minValue;
  const high = bounds[path]?.max ?? property.maxValue;
  const type = (text: string): void => {
    setDraft(text);
    if (text.trim() === "") { onChange(undefined); return; }
    const number = Number(text.replace(",", "."));
    onChange(Number.isNaN(number) ? text : number);
  };
  const current = typeof value === "number" ? value : undefined;
  const hasSlider = low !== undefined && high !== undefined && high - low <= 1000;
  return (
    <div className={hasSlider ? "number-slider" : "number"}>
      {hasSlider && (
        <Slider.Root
          className="slider"
          min={low}
          max={high}
          step={stepOf(property, low, high)}
          value={[Math.min(high, Math.max(low, current ?? startOf(property, low)))]}
          disabled={disabled}
          data-unset={current === undefined ? "" : undefined}
          onValueChange={([next]) => {
            setDraft(null);
            onChange(next);
          }}
        >
          <Slider.Track className="slider-track">
            <Slider.Range className="slider-range" />
          </Slider.Track>
          <Slider.Thumb className="slider-thumb" aria-labelledby={`${id}-label`} />
        </Slider.Root>
      )}
      <input
        id={id}
        className="control control-input number-input"
        inputMode={property.type === "INTEGER" ? "numeric" : "decimal"}
        autoComplete="off"
        placeholder={hasSlider && typeof property.defaultValue === "number" ? String(property.defaultValue) : (defaultOf(property.defaultValue) ?? property.placeholder)}
        value={draft !== null && (Number(draft.replace(",", ".")) === value || draft === value) ? draft : value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value)}
        aria-invalid={isInvalid}
        aria-describedby={`${id}-line`}
        disabled={disabled}
        onChange={(event) => type(event.target.value)}
        onBlur={() => setDraft(null)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          const step = stepOf(property, low ?? 0, high ?? 100) * (event.key === "ArrowUp" ? 1 : -1);
          const next = Number(((current ?? startOf(property, low ?? 0)) + step).toFixed(6));
          setDraft(null);
          onChange(Math.min(high ?? next, Math.max(low ?? next, next)));
        }}
      />
    </div>
  );
}

function stepOf(property: Property, low: number, high: number): number {
  if (property.type === "INTEGER") return 1;
  const span = high - low;
  return span <= 4 ? 0.05 : span <= 40 ? 0.5 : 1;
}

const startOf = (property: Property, low: number): number =>
  typeof property.defaultValue === "number" ? property.defaultValue : low;
