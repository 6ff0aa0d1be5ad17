// The models of a list: what their rows show, how they are found and grouped, and why one is not offered.

import type { Option, Property } from "../../api/component";
import { isObject, type Json, type JsonObject } from "../../flow/document";
import { words } from "../../words";

/** Whether the options of a property are models, or another list with filters: those have a picker of their own. */
export function isSearched({ type, optionsDataSource }: Property): boolean {
  const { list = "", filters = [] } = optionsDataSource ?? {};
  return type === "STRING" && (/models$/i.test(list) || filters.length > 0);
}

export interface Model {
  id: string;
  name: string;
  context: number | undefined;
  /** USD per million tokens; undefined if it has another unit or none. */
  input: number | undefined;
  output: number | undefined;
  /** The price in words, as the list says it. */
  price: string;
  accepts: string[];
  parameters: string[];
  about: string;
}

export function modelOf(option: Option): Model {
  const details = option.details ?? {};
  const prices = isObject(details.prices) ? details.prices : {};
  const price = option.description ?? "";
  // A model that is paid by the image lists zeros for its tokens: only the words say that it is free.
  const isFree = price.startsWith("free");
  return {
    id: String(option.value),
    name: option.label,
    context: typeof details.contextLength === "number" ? details.contextLength : undefined,
    input: perMillion(prices.prompt, isFree),
    output: perMillion(prices.completion, isFree),
    price,
    accepts: texts(details.inputModalities),
    parameters: texts(details.supportedParameters),
    about: typeof details.description === "string" ? details.description : "",
  };
}

function perMillion(price: Json | undefined, isFree: boolean): number | undefined {
  if (!isObject(price) || price.per !== "million tokens" || typeof price.usd !== "number") return undefined;
  return price.usd > 0 || isFree ? price.usd : undefined;
}

const texts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];

export type Column = "name" | "context" | "input" | "output";
export interface Sort {
  by: Column;
  isDown: boolean;
}

export type Entry =
  | { kind: "head"; label: string; note: string }
  | { kind: "model"; model: Model; section: string }
  | { kind: "other"; model: Model; reason: Reason };

export interface Reason {
  text: string;
  /** The filter to take back, and what of it; undefined for all of its values. */
  filter?: string;
  value?: string;
}

export interface Listed {
  offered: Model[];
  others: { model: Model; reason: Reason }[];
  favourites: readonly string[];
  recent: readonly string[];
  search: string;
  sort: Sort | null;
}

const OTHERS = 40;

/** The rows of the list: favourites, recent, all, and what is not offered. */
export function entriesOf({ offered, others, favourites, recent, search, sort }: Listed): Entry[] {
  const found = sorted(offered.filter((one) => matches(one, search)), sort);
  const byId = new Map(found.map((one) => [one.id, one]));
  const pick = (ids: readonly string[]): Model[] => ids.flatMap((id) => byId.get(id) ?? []);
  const liked = pick(favourites);
  const used = pick(recent.filter((id) => !favourites.includes(id)));
  const rest = found.filter((one) => !liked.includes(one) && !used.includes(one));
  const section = (label: string, models: Model[], note = ""): Entry[] =>
    models.length === 0 ? [] : [{ kind: "head", label, note }, ...models.map((model): Entry => ({ kind: "model", model, section: label }))];
  const missing = others.filter((one) => matches(one.model, search)).slice(0, OTHERS);
  return [
    ...section(words.form.favourites, liked),
    ...section(words.form.recent, used),
    ...section(words.form.allModels, rest, words.form.match(found.length)),
    ...(missing.length === 0
      ? []
      : [
          { kind: "head" as const, label: words.form.notOffered, note: words.form.modelCount(others.length) },
          ...missing.map(({ model, reason }): Entry => ({ kind: "other", model, reason })),
        ]),
  ];
}

export function matches(model: Model, search: string): boolean {
  const text = `${model.name} ${model.id}`.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((part) => text.includes(part));
}

function sorted(models: Model[], sort: Sort | null): Model[] {
  if (!sort) return models;
  const sign = sort.isDown ? -1 : 1;
  return models.toSorted((a, b) => {
    const [x, y] = [a[sort.by], b[sort.by]];
    if (typeof x === "string" && typeof y === "string") return sign * x.localeCompare(y);
    // Without a figure: last, whichever way the list is sorted.
    if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
    return sign * (Number(x) - Number(y));
  });
}

/** Models that the filters leave out, those with the fewest reasons first. */
export function leftOut(all: readonly Model[], offered: readonly Model[], filters: JsonObject): Listed["others"] {
  const here = new Set(offered.map((one) => one.id));
  return all
    .filter((one) => !here.has(one.id))
    .map((model) => ({ model, reasons: reasonsOf(model, filters) }))
    .sort((a, b) => (a.reasons.length || 99) - (b.reasons.length || 99))
    .map(({ model, reasons }) => ({ model, reason: reasons[0] ?? { text: words.form.leftOut } }));
}

function reasonsOf(model: Model, filters: JsonObject): Reason[] {
  const lacks = (name: string, has: string[], say: (value: string) => string): Reason[] =>
    texts(filters[name]).filter((value) => !has.includes(value)).map((value) => ({ text: say(value), filter: name, value }));
  const over = (name: string, price: number | undefined): Reason[] =>
    typeof filters[name] === "number" && price !== undefined && price > filters[name] ? [{ text: words.form.tooExpensive(price), filter: name }] : [];
  return [
    ...lacks("supportedParameters", model.parameters, words.form.lacksParameter),
    ...lacks("inputModalities", model.accepts, words.form.lacksModality),
    ...over("maxPrice", model.input),
    ...over("maxOutputPrice", model.output),
    ...(typeof filters.minContext === "number" && (model.context ?? 0) < filters.minContext ? [{ text: words.form.tooShort, filter: "minContext" }] : []),
    ...(filters.free === true && ((model.input ?? 1) > 0 || (model.output ?? 1) > 0) ? [{ text: words.form.notFree, filter: "free" }] : []),
  ];
}

/** `$0.15`, `$0.163`, `free`: a price per million, as narrow as it can be read. */
export function perMillionText(usd: number): string {
  if (usd === 0) return words.form.free;
  return `$${usd < 1 && Math.round(usd * 100) / 100 !== usd ? Number(usd.toPrecision(3)) : usd.toFixed(2)}`;
}
