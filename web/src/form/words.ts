// Values of fields in words.

import type { Property } from "../api/component";
import type { Json } from "../flow/document";
import { words } from "../words";

/** An option by its label, yes or no, a number or a text as it is; an object as JSON. */
export function wordsOf(property: Property | undefined, value: Json): string {
  const option = property?.options?.find((one) => one.value === value);
  if (option) return option.label;
  if (typeof value === "boolean") return value ? words.form.yes : words.form.no;
  return typeof value === "string" ? value : JSON.stringify(value);
}
