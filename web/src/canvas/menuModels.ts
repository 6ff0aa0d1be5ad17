// The models that the menu finds: one is set on the selected step, or begins a step that asks it.

import { useQuery } from "@tanstack/react-query";

import { json } from "../api/client";
import { actionFor, useComponent, type Action, type Component, type Property } from "../api/component";
import type { Task } from "../flow/document";
import { useFlow } from "../flow/store";
import { find, replace } from "../flow/tree";
import { isSearched, matches, modelOf, type Model } from "../form/models/models";
import type { OptionList } from "../form/useOptions";
import { words } from "../words";
import { add } from "./commands";
import type { AddMenu } from "./ui";

export interface MenuModels {
  found: Model[];
  /** What a model is chosen for. */
  action: Action | undefined;
  property: string;
  /** The selected step that gets the model; undefined if a new one does. */
  setsOn: string | undefined;
}

const SHOWN = 6;
const LETTERS = 2;

/** Models whose name or id has the text: those for the selected step, else those for a new one. */
export function useMenuModels(text: string, selected: string | undefined): MenuModels {
  const { data: component } = useComponent();
  const task = useFlow(({ flow }) => (selected === undefined ? undefined : find(flow, selected)?.task));
  const own = task && actionFor(component, task);
  const search = text.trim();
  const ofStep = useModelsOf(own && modelProperty(own) ? own : undefined, search);
  const ofNew = useModelsOf(firstWithModels(component), search);
  return ofStep.found.length > 0 ? { ...ofStep, setsOn: selected } : { ...ofNew, setsOn: undefined };
}

function useModelsOf(action: Action | undefined, search: string): Omit<MenuModels, "setsOn"> {
  const property = (action && modelProperty(action)?.name) ?? "";
  const isAsked = search.length >= LETTERS;
  const { data } = useQuery({
    queryKey: ["menu-models", action?.name],
    queryFn: ({ signal }) => json<OptionList>(`/api/actions/${action?.name ?? ""}/options/${property}`, { body: { parameters: {} }, signal }),
    enabled: action !== undefined && isAsked,
    staleTime: 60_000,
    select: modelsOf,
  });
  const found = isAsked ? (data ?? []).filter((one) => matches(one, search)).slice(0, SHOWN) : [];
  return { found, action, property };
}

const modelsOf = (list: OptionList): Model[] => list.options.map(modelOf);

/** Set the model on the selected step, or add a step with it. */
export function chooseModel({ action, property, setsOn }: MenuModels, id: string, menu: AddMenu): void {
  if (!action) return;
  if (setsOn === undefined) {
    add(action, { place: menu.place, at: menu.at, source: menu.source, parameters: { [property]: id } });
    return;
  }
  const label = modelProperty(action)?.label ?? property;
  const change = (task: Task): Task => ({ ...task, parameters: { ...task.parameters, [property]: id } });
  useFlow.getState().edit(words.inspector.change(label), (flow) => replace(flow, setsOn, change));
}

/** The property whose options are models, which the form draws as a list of them. */
const modelProperty = (action: Action): Property | undefined => action.properties.find(isSearched);

/** The first action of the definition that asks a model for a text. */
const firstWithModels = (component: Component | undefined): Action | undefined =>
  component?.actions.find((one) => one.output?.type === "STRING" && one.main !== undefined && modelProperty(one) !== undefined);
