// The list of models as a dialog: search, filters, favourites, recent, all, and what is not offered.

import { RefreshCw, Search, SlidersHorizontal, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState, type KeyboardEvent, type ReactElement } from "react";

import type { Property } from "../../api/component";
import { Button, useFocusBack } from "../../design/controls";
import { isObject, type Json } from "../../flow/document";
import { words } from "../../words";
import { useRefreshed } from "../useOptions";
import { useKept } from "./kept";
import { ModelFilters } from "./ModelFilters";
import { ModelList } from "./ModelList";
import type { Entry, Model } from "./models";
import { useModels, type ModelSearch } from "./useModels";

interface Props {
  property: Property;
  path: string;
  all: Model[];
  /** The filters that the form itself holds. */
  own: readonly Property[];
  value: string;
  onChoose: (id: string) => void;
  onClose: () => void;
}

export function ModelPicker({ property, path, all, own, value, onChoose, onClose }: Props): ReactElement {
  const focusBack = useFocusBack();
  const list = useModels(property, path, all, own);
  const { toggle, use: remember } = useKept();
  const refresh = useRefreshed(property, path);
  const [active, setActive] = useState<string | null>(null);
  const [isFiltering, setIsFiltering] = useState(false);
  const closeSheet = (event: Event): void => {
    if (!isFiltering) return;
    event.preventDefault();
    setIsFiltering(false);
  };
  const rows = list.entries.filter((one): one is Exclude<Entry, { kind: "head" }> => one.kind !== "head");
  const known = rows.findIndex((one) => keyOf(one) === active);
  const current = rows.findIndex((one) => one.kind === "model" && one.model.id === value);
  const at = known >= 0 ? known : list.search === "" && current >= 0 ? current : 0;
  const typed = list.search.trim();
  const choose = (id: string): void => {
    remember(id);
    onChoose(id);
    onClose();
  };
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    const entry = rows[at];
    if (by !== undefined) {
      event.preventDefault();
      const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
      if (next) setActive(keyOf(next));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (entry) choose(entry.model.id);
      else if (typed) choose(typed);
    } else if (event.altKey && event.key.toLowerCase() === "f" && entry) {
      event.preventDefault();
      toggle(entry.model.id);
    } else if (event.altKey && event.key.toLowerCase() === "w" && entry?.kind === "other" && entry.reason.filter !== undefined) {
      event.preventDefault();
      drop(entry.reason.filter, entry.reason.value);
    }
  };
  const drop = (filter: string, one: string | undefined): void => {
    const old = list.filters[filter];
    list.setFilter(filter, one !== undefined && Array.isArray(old) ? old.filter((each) => each !== one) : undefined);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-scrim" />
        <Dialog.Content className="models" aria-describedby={undefined} aria-label={words.form.chooseModel} onKeyDown={(event) => event.stopPropagation()} onCloseAutoFocus={focusBack} onEscapeKeyDown={closeSheet}>
          <Dialog.Title className="sr-only">{words.form.chooseModel}</Dialog.Title>
          <header className="models-search">
            <Search aria-hidden />
            <input
              autoFocus
              role="combobox"
              aria-expanded
              aria-controls="models-list"
              aria-activedescendant={rows[at] ? `model-${keyOf(rows[at])}` : undefined}
              aria-label={words.form.searchModels(list.count)}
              placeholder={words.form.searchModels(list.count)}
              value={list.search}
              onChange={(event) => {
                list.setSearch(event.target.value);
                setActive(null);
              }}
              onKeyDown={keys}
            />
            <Button isSmall className="models-sheet-button" aria-expanded={isFiltering} onClick={() => setIsFiltering(!isFiltering)}>
              <SlidersHorizontal /> {words.form.filtersSet(chipsOf(list).length)}
            </Button>
            <Chips list={list} onDrop={drop} />
            <Dialog.Close className="icon-button" aria-label={words.app.close}>
              <X />
            </Dialog.Close>
          </header>
          <div className="models-body" data-filtering={isFiltering || undefined}>
            <ModelFilters filters={property.optionsDataSource?.filters ?? []} own={own} all={all} list={list} />
            <ModelList list={list} at={rows[at] ?? null} value={value} typed={typed} onChoose={choose} onDrop={drop} onActive={(entry) => setActive(keyOf(entry))} />
          </div>
          <footer className="models-foot">
            <span className="models-keys">
              <kbd>↑</kbd><kbd>↓</kbd> {words.form.keyMove} <kbd>↵</kbd> {words.form.keyChoose} <kbd>Alt-F</kbd> {words.form.keyFavourite}
              {rows[at]?.kind === "other" && (
                <>
                  <kbd>Alt-W</kbd> {words.form.keyWithout}
                </>
              )}
            </span>
            <span>{list.message ?? (list.age === null ? "" : words.form.catalogueAge(list.age))}</span>
            <Button look="quiet" isSmall onClick={() => void refresh()}>
              <RefreshCw /> {words.form.refresh}
            </Button>
          </footer>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** A model may be in the list once; a key without spaces is an id of an element. */
export const keyOf = (entry: Entry): string => (entry.kind === "head" ? entry.label : entry.model.id.replace(/[^\w-]/g, "_") + (entry.kind === "other" ? "-other" : ""));

const chipsOf = (list: ModelSearch): [name: string, text: string, value: string | undefined][] =>
  Object.entries(list.filters).flatMap(([name, value]): [string, string, string | undefined][] =>
    Array.isArray(value) ? value.filter((one) => typeof one === "string").map((one) => [name, one, one]) : value === undefined || value === null || isObject(value) ? [] : [[name, words.form.filterChip(list.labels[name] ?? name, chipValue(value)), undefined]],
  );

function Chips({ list, onDrop }: { list: ModelSearch; onDrop: (filter: string, value: string | undefined) => void }): ReactElement {
  return (
    <span className="models-chips">
      {chipsOf(list).slice(0, 4).map(([name, text, value]) => (
        <button key={name + text} type="button" className="models-chip" aria-label={words.form.removeKey(text)} onClick={() => onDrop(name, value)}>
          {text} <X aria-hidden />
        </button>
      ))}
    </span>
  );
}

const chipValue = (value: Json): string => (value === true ? "" : typeof value === "string" || typeof value === "number" ? String(value) : "");
