// A choice between two or three things, all of them in sight.

import type { ReactElement } from "react";

import type { Option } from "../../api/component";
import type { ControlProps } from "./Control";

export function Segments({ id, property, value, onChange, disabled, options }: ControlProps & { options: Option[] }): ReactElement {
  const current = value ?? property.defaultValue;
  const at = options.findIndex((one) => one.value === current);
  const step = (by: number): void => {
    const next = options[(Math.max(0, at) + by + options.length) % options.length];
    if (next) onChange(next.value);
  };
  return (
    <div
      className="segments"
      role="radiogroup"
      aria-labelledby={`${id}-label`}
      onKeyDown={(event) => {
        const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (by === undefined || event.altKey) return;
        event.preventDefault();
        step(by);
        (event.currentTarget.children[(Math.max(0, at) + by + options.length) % options.length] as HTMLElement).focus();
      }}
    >
      {options.map((one, index) => (
        <button
          key={String(one.value)}
          id={index === Math.max(0, at) ? id : undefined}
          type="button"
          role="radio"
          aria-checked={one.value === value}
          data-default={value === undefined && index === at ? "" : undefined}
          tabIndex={index === Math.max(0, at) ? 0 : -1}
          className="segment"
          title={one.description ?? undefined}
          disabled={disabled}
          onClick={() => onChange(one.value === value && property.required !== true ? undefined : one.value)}
        >
          {one.label}
        </button>
      ))}
    </div>
  );
}
