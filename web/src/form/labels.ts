// What a place in the parameters of a step is called in its form. Pure.

import type { Property } from "../api/component";
import { keysOf } from "./paths";

/** `Messages › 2 › Content` of `messages[1].content`; a part that no field describes keeps its name. */
export function labelsOf(properties: readonly Property[], path: string): string {
  let inside: Property | undefined = { name: "", label: "", type: "OBJECT", controlType: "", properties: [...properties] };
  const labels = keysOf(path).map((key) => {
    const isIndex = /^\d+$/.test(String(key));
    inside = isIndex ? inside?.items : inside?.properties?.find((one) => one.name === key);
    return isIndex ? String(Number(key) + 1) : inside?.label || String(key);
  });
  return labels.join(" › ");
}
