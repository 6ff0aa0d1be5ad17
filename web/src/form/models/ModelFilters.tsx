// The filters that the definition lists for the models, each by its kind.

import { memo, useMemo, useState, type ReactElement } from "react";

import type { Property } from "../../api/component";
import { tokens } from "../../design/numbers";
import type { Json } from "../../flow/document";
import { words } from "../../words";
import { Combo } from "../controls/Combo";
import { modalityIcon } from "./Modalities";
import type { Model } from "./models";
import type { ModelSearch } from "./useModels";

interface Props {
  filters: Property[];
  own: readonly Property[];
  all: Model[];
  list: ModelSearch;
}

export const ModelFilters = memo(function ModelFilters({ filters, own, all, list }: Props): ReactElement {
  const more = own.filter((one) => !filters.some((filter) => filter.name === one.name));
  return (
    <aside className="models-filters" aria-label={words.form.filters}>
      {[...filters, ...more].map((filter) => (
        <Filter key={filter.name} filter={filter} all={all} value={list.filters[filter.name]} onChange={(value) => list.setFilter(filter.name, value)} />
      ))}
    </aside>
  );
});

interface FilterProps {
  filter: Property;
  all: Model[];
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

function Filter(props: FilterProps): ReactElement {
  const { filter, value, onChange } = props;
  if (filter.type === "BOOLEAN")
    return (
      <label className="models-check" title={filter.description}>
        <input type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked ? true : undefined)} />
        <span>{filter.label}</span>
      </label>
    );
  return (
    <fieldset className="models-filter" title={filter.description}>
      <legend id={`filter-${filter.name}-label`}>{filter.label}</legend>
      <FilterControl {...props} />
    </fieldset>
  );
}

function FilterControl({ filter, all, value, onChange }: FilterProps): ReactElement {
  const chosen = Array.isArray(value) ? value : [];
  const toggle = (one: Json): void => {
    const next = chosen.includes(one) ? chosen.filter((each) => each !== one) : [...chosen, one];
    onChange(next.length === 0 ? undefined : next);
  };
  if (filter.name === "supportedParameters") return <Parameters all={all} chosen={chosen} onToggle={toggle} />;
  if (filter.controlType === "MULTI_SELECT" && filter.options)
    return (
      <div className="models-toggles">
        {filter.options.map((one) => {
          const Icon = modalityIcon(String(one.value));
          return (
            <button key={String(one.value)} type="button" aria-pressed={chosen.includes(one.value)} onClick={() => toggle(one.value)}>
              {Icon && <Icon aria-hidden />} {one.label}
            </button>
          );
        })}
      </div>
    );
  if (filter.name === "minContext") return <Contexts value={value} onChange={onChange} />;
  if (filter.type === "NUMBER" || filter.type === "INTEGER")
    return (
      <span className="control models-number-filter">
        <span>$</span>
        <input
          className="control-input mono"
          inputMode="decimal"
          aria-label={filter.label}
          placeholder={words.form.any}
          defaultValue={typeof value === "number" ? value : ""}
          onChange={(event) => {
            const number = Number(event.target.value.replace(",", "."));
            onChange(event.target.value.trim() === "" || Number.isNaN(number) ? undefined : number);
          }}
        />
      </span>
    );
  const isMany = filter.type === "ARRAY";
  return (
    <Combo
      id={`filter-${filter.name}`}
      options={filter.options ?? []}
      chosen={isMany ? chosen : value === undefined ? [] : [value]}
      isMany={isMany}
      isFull={false}
      placeholder={words.form.any}
      isInvalid={false}
      disabled={false}
      canClear
      isFree={!filter.options}
      isNumber={false}
      isLoading={false}
      message={filter.options ? undefined : words.form.typeOne}
      onChoose={(one) => (isMany ? toggle(one) : onChange(one))}
      onClear={() => onChange(undefined)}
      onSearch={undefined}
      onOpen={undefined}
    />
  );
}

const STEPS = [128_000, 400_000, 1_000_000];

function Contexts({ value, onChange }: { value: Json | undefined; onChange: (value: Json | undefined) => void }): ReactElement {
  return (
    <div className="segments" role="radiogroup">
      {[undefined, ...STEPS].map((step) => (
        <button key={step ?? 0} type="button" role="radio" aria-checked={value === step} className="segment" onClick={() => onChange(step)}>
          {step === undefined ? words.form.any : tokens(step)}
        </button>
      ))}
    </div>
  );
}

const SHOWN = 6;

function Parameters({ all, chosen, onToggle }: { all: Model[]; chosen: Json[]; onToggle: (one: Json) => void }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const counts = useMemo(() => countsOf(all), [all]);
  const names = [...new Set([...chosen.filter((one) => typeof one === "string"), ...counts.keys()])];
  const shown = isOpen ? names : names.slice(0, Math.max(SHOWN, chosen.length));
  return (
    <>
      {shown.map((name) => (
        <label key={name} className="models-check">
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => onToggle(name)} />
          <span>{name}</span>
          <em>{counts.get(name) ?? 0}</em>
        </label>
      ))}
      {names.length > shown.length && (
        <button type="button" className="models-more" onClick={() => setIsOpen(true)}>
          {words.form.more(names.length - shown.length)}
        </button>
      )}
    </>
  );
}

/** How many models support each parameter, the most common first. */
function countsOf(all: Model[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const model of all) for (const name of model.parameters) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...counts].sort((a, b) => b[1] - a[1]));
}

