// Loads what the server says of a form: which fields it shows, what is wrong, what the model limits.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { json, type Schemas } from "../api/client";
import type { Property } from "../api/component";
import type { Json, JsonObject } from "../flow/document";
import { isCertain, withStandIns } from "./dynamic";
import type { Problem } from "./problems";
import { useSettled } from "./useSettled";

export interface FormView {
  visible: ReadonlySet<string>;
  disabled: Record<string, string>;
  options: Record<string, Json[]>;
  bounds: Record<string, { max?: number; min?: number }>;
  errors: Problem[];
  warnings: string[];
}

const WAIT_MS = 200;

/** `view` is undefined without an action, and until the first answer is there; `isGone` while the server or the network is. */
export function useFormView(action: string | undefined, properties: readonly Property[], values: JsonObject): { view: FormView | undefined; isGone: boolean } {
  const settled = useSettled(values, WAIT_MS);
  const known = useMemo(() => withStandIns(properties, settled), [properties, settled]);
  const { data, failureCount, isPaused } = useQuery({
    queryKey: ["form", action, known.values],
    queryFn: ({ signal }) =>
      json<Schemas["FormResponse"]>(`/api/actions/${encodeURIComponent(action ?? "")}/form`, {
        body: { parameters: known.values },
        signal,
      }),
    placeholderData: (last, query) => (query?.queryKey[1] === action ? last : undefined),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    enabled: action !== undefined,
  });
  const view = useMemo(
    () =>
      data && {
        visible: new Set([...data.visible, ...known.dynamic]),
        disabled: data.disabled,
        options: data.options as Record<string, Json[]>,
        bounds: data.bounds,
        errors: data.errors.filter((one) => isCertain(one.path, known.dynamic)),
        warnings: data.warnings,
      },
    [data, known],
  );
  return { view, isGone: failureCount > 0 || isPaused };
}
