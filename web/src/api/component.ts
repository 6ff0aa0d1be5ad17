// The definition: the actions with their fields. Everything that the Studio shows of them comes from here.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { actionOf } from "../flow/containers";
import type { Json, JsonObject, Task } from "../flow/document";
import { json } from "./client";

export interface Option {
  label: string;
  value: string | number | boolean;
  description?: string | null;
  details?: JsonObject;
}

export interface Property {
  name: string;
  label: string;
  description?: string;
  /** `STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT FILE_ENTRY ANY …` */
  type: string;
  /** What to draw, see docs/embedding.md. */
  controlType: string;
  required?: boolean;
  advancedOption?: boolean;
  defaultValue?: Json;
  placeholder?: string;
  options?: Option[];
  /** `list` is the name of a list of the definition, such as `models`. */
  optionsDataSource?: { list?: string; optionsLookupDependsOn?: string[]; filters?: Property[] };
  items?: Property;
  properties?: Property[];
  additionalProperties?: Property;
  anyOf?: Property[];
  accept?: string[];
  minValue?: number;
  maxValue?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  displayCondition?: string;
  /** For a filter of the form: what of a model it narrows. */
  mirrors?: string;
}

export interface Action {
  name: string;
  /** `openRouter/v1/ask`. */
  type: string;
  title: string;
  description: string;
  /** Everyday words that a search finds it by. */
  keywords?: string[];
  group: string;
  icon: string;
  help?: string;
  streams?: boolean;
  /** The property that a node shows. */
  main?: string;
  properties: Property[];
  /** The parameters of a new node. */
  defaults: JsonObject;
  output?: JsonObject;
  outputSchema?: JsonObject;
}

export interface Component {
  name: string;
  version: number;
  title: string;
  description: string;
  icon: string;
  help?: string;
  connection: {
    title: string;
    type: string;
    properties: Property[];
    setup: string[];
    /** The page with the keys of the account. */
    help?: string;
    /** The page where credits are bought. */
    credits?: string;
    oauth: boolean;
    /** Whether a management key can create a key. */
    newKey: boolean;
  };
  actions: Action[];
}

export const componentQuery = {
  queryKey: ["component"],
  queryFn: () => json<Component>("/api/component"),
  staleTime: Number.POSITIVE_INFINITY,
} as const;

export function useComponent(): UseQueryResult<Component> {
  return useQuery(componentQuery);
}

/** The action that a step calls; undefined for a word of the flow and for other components. */
export function actionFor(component: Component | undefined, task: Task): Action | undefined {
  return component?.actions.find((one) => one.type === task.type && one.name === actionOf(task));
}
