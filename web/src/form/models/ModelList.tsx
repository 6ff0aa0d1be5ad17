// The rows of the picker. Only those in sight are drawn, so that hundreds of models cost nothing.

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, Check, Lock, Star } from "lucide-react";
import { memo, useEffect, useRef, type ReactElement } from "react";

import { Button } from "../../design/controls";
import { tokens } from "../../design/numbers";
import { words } from "../../words";
import { useKept } from "./kept";
import { Modalities } from "./Modalities";
import { perMillionText, type Column, type Entry, type Model } from "./models";
import { keyOf } from "./ModelPicker";
import type { ModelSearch } from "./useModels";

const [ROW, HEAD] = [40, 30];

interface Props {
  list: ModelSearch;
  at: Entry | null;
  value: string;
  typed: string;
  onChoose: (id: string) => void;
  onDrop: (filter: string, value: string | undefined) => void;
  onActive: (entry: Entry) => void;
}

export function ModelList({ list, at, value, typed, onChoose, onDrop, onActive }: Props): ReactElement {
  const scroll = useRef<HTMLDivElement>(null);
  const { entries } = list;
  // The virtualizer changes in place, so a compiler must leave this component as it is.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroll.current,
    estimateSize: (index) => (entries[index]?.kind === "head" ? HEAD : ROW),
    getItemKey: (index) => (entries[index] ? `${entries[index].kind}-${keyOf(entries[index])}` : index),
    overscan: 8,
  });
  const index = at ? entries.indexOf(at) : -1;
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(entries[index - 1]?.kind === "head" ? index - 1 : index, { align: "auto" });
  }, [index, rows, entries]);
  return (
    <div className="models-list">
      <Columns list={list} />
      <div className="models-scroll" ref={scroll} id="models-list" role="listbox" aria-label={words.form.models} aria-busy={list.isLoading}>
        {entries.length === 0 && <Nothing list={list} typed={typed} onChoose={onChoose} onDrop={onDrop} />}
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((item) => {
            const entry = entries[item.index];
            if (!entry) return null;
            return (
              <div key={item.key} className="models-item" style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
                {entry.kind === "head" ? (
                  <p className="models-head">{entry.label} <span>{entry.note}</span></p>
                ) : (
                  <div
                    id={`model-${keyOf(entry)}`}
                    role="option"
                    aria-selected={entry === at}
                    aria-current={entry.model.id === value}
                    aria-keyshortcuts={entry.kind === "model" ? "Alt+F" : entry.reason.filter === undefined ? undefined : "Alt+W"}
                    className={`models-row ${entry.kind === "other" ? "models-other" : ""}`}
                    onMouseMove={() => entry !== at && onActive(entry)}
                    onClick={() => onChoose(entry.model.id)}
                  >
                    {entry.kind === "model" ? <Row model={entry.model} isChosen={entry.model.id === value} /> : <Other entry={entry} onDrop={onDrop} />}
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

const Row = memo(function Row({ model, isChosen }: { model: Model; isChosen: boolean }): ReactElement {
  const { favourites, toggle } = useKept();
  const isFavourite = favourites.includes(model.id);
  return (
    <>
      {/* No button: an option holds none. Its key is Alt-F. */}
      <span
        className="models-star"
        title={words.form.favourite(model.name)}
        data-chosen={isFavourite}
        onClick={(event) => {
          event.stopPropagation();
          toggle(model.id);
        }}
      >
        <Star aria-hidden />
        {isFavourite && <span className="sr-only">{words.form.keyFavourite}</span>}
      </span>
      <span className="model-name" title={model.about}>
        <b>{model.name}</b>
        <span className="mono">{model.id}</span>
      </span>
      <Modalities accepts={model.accepts} />
      <span className="models-number">{model.context === undefined ? "" : tokens(model.context)}</span>
      {model.input === undefined && model.output === undefined ? (
        <span className="models-price" title={model.price}>{model.price}</span>
      ) : (
        [model.input, model.output].map((usd, place) => (
          <span key={place} className={`models-number ${usd === 0 ? "models-free" : ""}`}>{usd === undefined ? "–" : perMillionText(usd)}</span>
        ))
      )}
      <span className="models-tick">{isChosen && <Check aria-label={words.form.chosen} />}</span>
    </>
  );
});

function Other({ entry, onDrop }: { entry: Extract<Entry, { kind: "other" }>; onDrop: Props["onDrop"] }): ReactElement {
  const { model, reason } = entry;
  return (
    <>
      <Lock className="models-lock" aria-hidden />
      <span className="model-name">
        <b>{model.name}</b>
        <span>{reason.text}</span>
      </span>
      {reason.filter !== undefined && (
        <span
          className="button button-plain button-small"
          onClick={(event) => {
            event.stopPropagation();
            onDrop(reason.filter ?? "", reason.value);
          }}
        >
          {words.form.without(reason.value)}
        </span>
      )}
    </>
  );
}

const Columns = memo(function Columns({ list }: { list: ModelSearch }): ReactElement {
  const head = (by: Column, label: string): ReactElement => {
    const isBy = list.sort?.by === by;
    const next = !isBy ? { by, isDown: false } : list.sort?.isDown ? null : { by, isDown: true };
    return (
      <button type="button" className={`models-sort ${by === "name" ? "" : "models-sort-number"}`} aria-pressed={isBy} onClick={() => list.setSort(next)}>
        {label} {isBy && (list.sort?.isDown ? <ArrowDown aria-label={words.form.down} /> : <ArrowUp aria-label={words.form.up} />)}
      </button>
    );
  };
  // Models that are paid by the character, the image or the second have one price.
  const hasTokenPrices = list.entries.some((entry) => entry.kind === "model" && (entry.model.input ?? entry.model.output) !== undefined);
  return (
    <div className="models-columns">
      <span />
      {head("name", words.form.model)}
      <span>{words.form.accepts}</span>
      {head("context", words.form.contextColumn)}
      {hasTokenPrices ? (
        <>
          {head("input", words.form.inColumn)}
          {head("output", words.form.outColumn)}
        </>
      ) : (
        <span className="models-price">{words.form.priceColumn}</span>
      )}
      <span />
    </div>
  );
});

function Nothing({ list, typed, onChoose, onDrop }: Pick<Props, "list" | "typed" | "onChoose" | "onDrop">): ReactElement {
  if (list.isLoading) return <p className="models-nothing">{words.form.loading}</p>;
  const filters = Object.entries(list.filters).filter(([, value]) => value !== undefined && value !== null && value !== false && (!Array.isArray(value) || value.length > 0));
  // A model that a filter leaves out is a row of its own, which says so: without any, no filter is to blame for a search.
  const isUnknown = list.search.trim() !== "" || filters.length === 0;
  return (
    <div className="models-nothing">
      <p>{list.message ?? (isUnknown ? words.form.noModelCalled(list.search.trim()) : words.form.noModel)}</p>
      {!isUnknown &&
        filters.map(([name]) => (
          <Button key={name} isSmall onClick={() => onDrop(name, undefined)}>{words.form.dropFilter(list.labels[name] ?? name)}</Button>
        ))}
      {typed !== "" && <Button isSmall onClick={() => onChoose(typed)}>{words.form.use(typed)}</Button>}
    </div>
  );
}
