// Loads the options of a dropdown from its source.

import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";

import { json, type Schemas } from "../api/client";
import type { Option, Property } from "../api/component";
import type { JsonObject } from "../flow/document";
import { isDynamic } from "./dynamic";
import { useForm } from "./context";

export interface OptionList extends Omit<Schemas["OptionsResponse"], "options"> {
  options: Option[];
}

interface Asked {
  search?: string;
  filters?: JsonObject;
  isEnabled?: boolean;
  /** Properties to leave out, such as the filters of the form. */
  without?: readonly string[];
}

/** `path` is without indexes: items of a list share their options. */
export function useOptions(property: Property, path: string, asked: Asked = {}): UseQueryResult<OptionList> {
  const { action, values } = useForm();
  const body = {
    parameters: readBy(property, values, asked.without ?? []),
    search: asked.search ?? "",
    filters: asked.filters ?? {},
  };
  return useQuery({
    queryKey: ["options", action, sourceOf(path), body],
    queryFn: ({ signal }) => json<OptionList>(urlOf(action, path), { body, signal }),
    placeholderData: (last, query) =>
      query?.queryKey[1] === action && query?.queryKey[2] === sourceOf(path) ? last : undefined,
    staleTime: 60_000,
    enabled: asked.isEnabled !== false && action !== undefined,
  });
}

/** Returns a function that loads the list from the API anew. */
export function useRefreshed(property: Property, path: string): () => Promise<void> {
  const { action, values } = useForm();
  const queries = useQueryClient();
  return async () => {
    const body = { parameters: readBy(property, values, []), refresh: true };
    await json(urlOf(action, path), { body });
    await queries.invalidateQueries({ queryKey: ["options", action, sourceOf(path)] });
  };
}

const urlOf = (action: string | undefined, path: string): string =>
  `/api/actions/${encodeURIComponent(action ?? "")}/options/${encodeURIComponent(sourceOf(path))}`;

const sourceOf = (path: string): string => path.replace(/\[\d+\]/g, "");

/** The values that the list depends on, as far as they are known before the flow runs. */
function readBy(property: Property, values: JsonObject, without: readonly string[]): JsonObject {
  const names = property.optionsDataSource?.optionsLookupDependsOn ?? [];
  const read = names.filter((name) => !without.includes(name) && !isDynamic(values[name] ?? undefined));
  return Object.fromEntries(read.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])));
}
