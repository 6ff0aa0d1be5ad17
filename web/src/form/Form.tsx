// The form of an action, as `/form` describes it.

import type { ReactElement } from "react";

import type { Property } from "../api/component";
import type { JsonObject } from "../flow/document";

interface Props {
  /** The action; undefined for fields that no action has, such as those of a container. */
  action?: string;
  properties: Property[];
  values: JsonObject;
  /** `path` is dotted: `response.responseFormat`. Undefined takes the key out. */
  onChange: (path: string, value: JsonObject[string]) => void;
}

export function Form({ properties }: Props): ReactElement {
  return <form>{properties.length}</form>;
}
