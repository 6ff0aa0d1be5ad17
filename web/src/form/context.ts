// What the fields of one form share.

import { createContext, useContext } from "react";

import type { Json, JsonObject } from "../flow/document";
import type { Readable } from "./pills/readable";
import type { Problem } from "./problems";

export interface FormScope {
  /** The action; undefined for fields that no action has. */
  action: string | undefined;
  values: JsonObject;
  change: (path: string, value: Json | undefined) => void;
  /** Say that a person left the field. */
  leave: (path: string) => void;
  visible: ReadonlySet<string> | undefined;
  disabled: Readonly<Record<string, string>>;
  options: Readonly<Record<string, Json[]>>;
  bounds: Readonly<Record<string, { max?: number; min?: number }>>;
  problems: readonly Problem[];
  /** What an expression can read here, in the order of the list. */
  readable: readonly Readable[];
}

export const FormContext = createContext<FormScope>({
  action: undefined,
  values: {},
  change: () => undefined,
  leave: () => undefined,
  visible: undefined,
  disabled: {},
  options: {},
  bounds: {},
  problems: [],
  readable: [],
});

export const useForm = (): FormScope => useContext(FormContext);
