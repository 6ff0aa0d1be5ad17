// Which fields a form shows, and in which order: what is required, what is common, then Advanced.

import type { Property } from "../api/component";
import type { JsonObject } from "../flow/document";

export interface Ordered {
  common: Property[];
  advanced: Property[];
  /** How many of the advanced fields have a value. */
  set: number;
  /** The keys that no property describes. */
  unknown: string[];
}

export interface Visible {
  visible: ReadonlySet<string>;
  disabled: Readonly<Record<string, string>>;
}

/** Without a view of the server every field is shown. */
export function isShown(path: string, view: Visible | undefined): boolean {
  return !view || view.visible.has(path) || path in view.disabled;
}

export function ordered(properties: readonly Property[], values: JsonObject, view: Visible | undefined): Ordered {
  const shown = properties.filter((one) => one.controlType !== "HIDDEN" && isShown(one.name, view));
  const isAdvanced = (one: Property): boolean => one.advancedOption === true && one.required !== true;
  // Filters of the form come last: what they narrow is narrowed already.
  const rank = (one: Property): number => (isFilter(one) ? 2 : one.required === true ? 0 : 1);
  const common = shown.filter((one) => !isAdvanced(one)).sort((a, b) => rank(a) - rank(b));
  const advanced = shown.filter(isAdvanced);
  const known = new Set(properties.map((one) => one.name));
  return {
    common,
    advanced,
    set: advanced.filter((one) => values[one.name] !== undefined).length,
    unknown: Object.keys(values).filter((key) => !known.has(key)),
  };
}

/** A filter narrows what the form offers, and is never sent. */
export const isFilter = (property: Property): boolean => property.mirrors !== undefined;
