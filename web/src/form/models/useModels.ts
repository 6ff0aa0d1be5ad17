// The models that the open picker lists, for what is searched and filtered in it.

import { useCallback, useMemo, useState } from "react";

import type { Property } from "../../api/component";
import type { Json, JsonObject } from "../../flow/document";
import { useForm } from "../context";
import { useOptions } from "../useOptions";
import { useKept } from "./kept";
import { entriesOf, leftOut, modelOf, type Entry, type Model, type Sort } from "./models";
import { ownValues } from "./ModelControl";

export interface ModelSearch {
  entries: Entry[];
  search: string;
  setSearch: (search: string) => void;
  sort: Sort | null;
  setSort: (sort: Sort | null) => void;
  /** What is filtered, by the form's own filters and by those of the dialog. */
  filters: JsonObject;
  /** The labels of the filters, by their names. */
  labels: Record<string, string>;
  setFilter: (name: string, value: Json | undefined) => void;
  isLoading: boolean;
  message: string | null;
  /** Seconds since the list came from the API. */
  age: number | null;
  count: number;
}

/** The same object until something in it changes: what shows it is not drawn anew at each arrow key. */
export function useModels(property: Property, path: string, all: Model[], own: readonly Property[]): ModelSearch {
  const { values, change } = useForm();
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<Sort | null>(null);
  const [extra, setExtra] = useState<JsonObject>({});
  const { favourites, recent } = useKept();
  const { data, isFetching } = useOptions(property, path, { filters: extra });
  const filters = useMemo(() => ({ ...extra, ...ownValues(own, values) }), [extra, own, values]);
  const entries = useMemo(() => {
    const offered = (data?.options ?? []).map(modelOf);
    return entriesOf({ offered, others: leftOut(all, offered, filters), favourites, recent, search: search.trim(), sort });
  }, [data, all, filters, favourites, recent, search, sort]);
  const setFilter = useCallback(
    (name: string, value: Json | undefined): void => {
      const mine = own.find((one) => one.name === name);
      if (mine) change(name, value ?? (mine.required ? [] : undefined));
      else setExtra(({ [name]: _, ...rest }) => (value === undefined ? rest : { ...rest, [name]: value }));
    },
    [own, change],
  );
  const labels = useMemo(
    () => Object.fromEntries([...own, ...(property.optionsDataSource?.filters ?? [])].map((one) => [one.name, one.label])),
    [own, property],
  );
  const isLoading = isFetching && !data;
  return useMemo(
    () => ({
      entries,
      search,
      setSearch,
      sort,
      setSort,
      filters,
      labels,
      setFilter,
      isLoading,
      message: data?.message ?? null,
      age: data?.age ?? null,
      count: data?.options.length ?? 0,
    }),
    [entries, search, sort, filters, labels, setFilter, isLoading, data],
  );
}
