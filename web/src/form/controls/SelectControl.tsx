// A choice of one or several options: known ones, or such as the server finds.

import { useState, type ReactElement } from "react";

import type { Option, Property } from "../../api/component";
import type { Json } from "../../flow/document";
import { words } from "../../words";
import { useForm } from "../context";
import { offered } from "../problems";
import { useOptions } from "../useOptions";
import { useSettled } from "../useSettled";
import { Combo } from "./Combo";
import type { ControlProps } from "./Control";
import { Segments } from "./Segments";
import { defaultOf } from "./TextControl";

type Props = ControlProps & { isMany?: boolean };

export function SelectControl(props: Props): ReactElement {
  const { property, path, value, isMany } = props;
  const { options } = useForm();
  if (property.optionsDataSource) return <Searched {...props} />;
  if (property.suggestions) return <Choice {...props} options={property.suggestions} isFree />;
  const found = offered(property, options[path]);
  if (!isMany && found.length > 1 && found.length <= 3 && fitsSegments(property, found, value)) return <Segments {...props} options={found} />;
  return <Choice {...props} options={found} />;
}

function Searched(props: Props): ReactElement {
  const { property, path } = props;
  const { options } = useForm();
  const [search, setSearch] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  const { data, isFetching } = useOptions(property, path, { search: useSettled(search, 200), isEnabled: isOpen });
  // The list of the definition is there before the list of the server is.
  const found = data && data.options.length + search.length > 0 ? data.options : offered(property, options[path]);
  return (
    <Choice
      {...props}
      options={found}
      onSearch={setSearch}
      onOpen={setIsOpen}
      isLoading={isFetching}
      message={data?.message ?? data?.placeholder ?? undefined}
      isFree
    />
  );
}

interface ChoiceProps extends Props {
  options: Option[];
  onSearch?: (search: string) => void;
  onOpen?: (isOpen: boolean) => void;
  isLoading?: boolean;
  message?: string | undefined;
  isFree?: boolean;
}

function Choice({ property, value, onChange, options, isMany, ...rest }: ChoiceProps): ReactElement {
  const chosen = isMany ? (Array.isArray(value) ? value : value === undefined ? [] : [value]) : value === undefined || value === null ? [] : [value];
  const choose = (next: Json): void => {
    if (!isMany) { onChange(next); return; }
    const list = chosen.includes(next) ? chosen.filter((one) => one !== next) : [...chosen, next];
    onChange(list.length > 0 || property.required ? list : undefined);
  };
  return (
    <Combo
      id={rest.id}
      options={options}
      chosen={chosen}
      isMany={isMany ?? false}
      isFull={isMany === true && property.maxItems !== undefined && chosen.length >= property.maxItems}
      placeholder={property.placeholder ?? defaultOf(labelOf(property, property.defaultValue)) ?? words.form.choose}
      isInvalid={rest.isInvalid}
      disabled={rest.disabled}
      canClear={property.required !== true}
      isFree={rest.isFree === true || (isMany === true && options.length === 0)}
      isNumber={property.type === "INTEGER" || property.type === "NUMBER"}
      isLoading={rest.isLoading ?? false}
      message={rest.message}
      onChoose={choose}
      onClear={() => onChange(undefined)}
      onSearch={rest.onSearch}
      onOpen={rest.onOpen}
    />
  );
}

function labelOf(property: Property, value: Json | undefined): string | undefined {
  const found = property.options?.find((one) => one.value === value)?.label;
  return found ?? (typeof value === "string" || typeof value === "number" ? String(value) : undefined);
}

/** Few short choices, one of which is chosen. */
function fitsSegments(property: Property, options: Option[], value: Json | undefined): boolean {
  const isShort = options.reduce((sum, one) => sum + one.label.length, 0) <= 26;
  return isShort && (value === undefined || value === null || options.some((one) => one.value === value)) && property.type !== "ANY";
}
