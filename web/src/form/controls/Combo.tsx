// A dropdown with search, for one or several values; new values may be typed where the field allows it.

import { Command } from "cmdk";
import { Check, ChevronDown, Plus, X } from "lucide-react";
import { Popover } from "radix-ui";
import { useState, type ReactElement } from "react";

import type { Option } from "../../api/component";
import type { Json } from "../../flow/document";
import { words } from "../../words";

export interface ComboProps {
  id: string;
  options: Option[];
  chosen: Json[];
  isMany: boolean;
  isFull: boolean;
  placeholder: string;
  isInvalid: boolean;
  disabled: boolean;
  canClear: boolean;
  isFree: boolean;
  isNumber: boolean;
  isLoading: boolean;
  message: string | undefined;
  onChoose: (value: Json) => void;
  onClear: () => void;
  /** Where the server searches. */
  onSearch: ((search: string) => void) | undefined;
  onOpen: ((isOpen: boolean) => void) | undefined;
}

const SEARCHED_FROM = 7;

export function Combo(props: ComboProps): ReactElement {
  const { options, chosen, isMany } = props;
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState("");
  const open = (next: boolean): void => {
    setIsOpen(next);
    props.onOpen?.(next);
    if (!next) type("");
  };
  const type = (text: string): void => {
    setSearch(text);
    props.onSearch?.(text);
  };
  const choose = (value: Json): void => {
    props.onChoose(value);
    if (!isMany) open(false);
    else type("");
  };
  const labelOf = (value: Json): string => options.find((one) => one.value === value)?.label ?? textOf(value);
  return (
    <Popover.Root open={isOpen} onOpenChange={open}>
      <div className={`control combo ${isMany ? "combo-many" : ""}`} aria-invalid={props.isInvalid} aria-disabled={props.disabled}>
        {isMany &&
          chosen.map((value) => (
            <span key={textOf(value)} className="combo-chip">
              <span>{labelOf(value)}</span>
              <button type="button" aria-label={words.form.removeKey(labelOf(value))} disabled={props.disabled} onClick={() => props.onChoose(value)}>
                <X />
              </button>
            </span>
          ))}
        <Popover.Trigger asChild>
          <button id={props.id} type="button" className="combo-trigger" role="combobox" aria-expanded={isOpen} aria-labelledby={`${props.id}-label ${props.id}`} aria-describedby={`${props.id}-line`} disabled={props.disabled || props.isFull}>
            {isMany || chosen.length === 0 ? <span className="combo-placeholder">{isMany && chosen.length > 0 ? "" : props.placeholder}</span> : <span className="combo-value">{labelOf(chosen[0] ?? null)}</span>}
            <ChevronDown aria-hidden />
          </button>
        </Popover.Trigger>
      </div>
      <Popover.Portal>
        <Popover.Content className="popover combo-list" align="start" sideOffset={4}>
          <ComboList {...props} search={search} onType={type} onChoose={choose} onClear={() => { props.onClear(); open(false); }} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function ComboList(props: ComboProps & { search: string; onType: (text: string) => void }): ReactElement {
  const { chosen, search, isMany } = props;
  const options = props.onSearch ? props.options : props.options.filter((one) => fits(one, search));
  const typed = props.isNumber ? Number(search) : search.trim();
  const isNew = props.isFree && search.trim() !== "" && !Number.isNaN(typed) && !options.some((one) => one.value === typed);
  const hasSearch = props.options.length >= SEARCHED_FROM || props.isFree || props.onSearch !== undefined;
  return (
    <Command shouldFilter={false} loop>
      <Command.Input className={hasSearch ? "combo-search" : "sr-only"} placeholder={props.isFree ? words.form.searchOrType : words.form.search} value={search} onValueChange={props.onType} />
      <Command.List className="combo-options">
        {!isNew && <Command.Empty className="combo-empty">{props.isLoading ? words.form.loading : (props.message ?? words.form.nothing)}</Command.Empty>}
        {options.map((one) => (
          <Command.Item
            key={String(one.value)}
            className="combo-option"
            value={`${one.label} ${String(one.value)}`}
            disabled={props.isFull && !chosen.includes(one.value)}
            onSelect={() => props.onChoose(one.value)}
          >
            <Check className={chosen.includes(one.value) ? "" : "combo-unchecked"} aria-hidden />
            <span className="combo-text">
              {one.label}
              {one.description && <span className="combo-description">{one.description}</span>}
            </span>
          </Command.Item>
        ))}
        {isNew && (
          <Command.Item className="combo-option" value={`new ${search}`} onSelect={() => props.onChoose(typed)}>
            <Plus aria-hidden /> <span className="combo-text">{words.form.use(search.trim())}</span>
          </Command.Item>
        )}
        {props.canClear && chosen.length > 0 && !isMany && search === "" && (
          <Command.Item className="combo-option" value={words.form.clear} onSelect={props.onClear}>
            <X aria-hidden /> <span className="combo-text">{words.form.clear}</span>
          </Command.Item>
        )}
      </Command.List>
      {props.message && options.length > 0 && <p className="combo-message">{props.message}</p>}
    </Command>
  );
}

/** Whether every word of a search is in the label or the value. */
export function fits(option: Option, search: string): boolean {
  const text = `${option.label} ${textOf(option.value)}`.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((part) => text.includes(part));
}

const textOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
