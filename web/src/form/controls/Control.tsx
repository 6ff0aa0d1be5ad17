// The control for a type of field, see docs/embedding.md.

import { Suspense, type ReactElement, type ReactNode } from "react";

import type { Property } from "../../api/component";
import { later } from "../../app/later";
import type { Json } from "../../flow/document";
import { ArrayControl } from "./ArrayControl";
import { FileControl } from "./FileControl";
import { isSearched } from "../models/models";
import { JsonControl, valueOf } from "./JsonControl";
import { MapControl } from "./MapControl";
import { NameControl } from "./NameControl";
import { NumberControl } from "./NumberControl";
import { ObjectControl } from "./ObjectControl";
import { SelectControl } from "./SelectControl";
import { PasswordControl, TextControl } from "./TextControl";

const SchemaControl = later(async () => (await import("../schema/SchemaControl")).SchemaControl);
const ModelControl = later(async () => (await import("../models/ModelControl")).ModelControl);

export interface ControlProps {
  /** Of the element that the label names; its label is `{id}-label`, the line below `{id}-line`. */
  id: string;
  property: Property;
  path: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  isInvalid: boolean;
  disabled: boolean;
  /** Put buttons beside the label. */
  setTools: (tools: ReactNode) => void;
}

export function Control(props: ControlProps): ReactElement {
  const { property } = props;
  switch (property.controlType) {
    case "TEXT":
    case "TEXT_AREA":
      return <TextControl {...props} />;
    case "NAME":
      return <NameControl {...props} />;
    case "PASSWORD":
      return <PasswordControl {...props} />;
    case "NUMBER":
    case "INTEGER":
      return <NumberControl {...props} />;
    case "SELECT":
      return isSearched(property) ? <Suspense fallback={<Waiting />}><ModelControl {...props} /></Suspense> : <SelectControl {...props} />;
    case "MULTI_SELECT":
      return <SelectControl {...props} isMany />;
    case "ARRAY_BUILDER":
      return <ArrayControl {...props} />;
    case "OBJECT_BUILDER":
      if (property.properties) return <ObjectControl {...props} />;
      return property.additionalProperties ? <MapControl {...props} /> : <JsonControl {...props} />;
    case "JSON_SCHEMA_BUILDER":
      return <Suspense fallback={<Waiting />}><SchemaControl {...props} /></Suspense>;
    case "FILE_ENTRY":
      return <FileControl {...props} />;
    default:
      return isTextToo(property) && (typeof props.value !== "object" || props.value === null) ? (
        <TextControl {...props} onChange={(value) => props.onChange(parsedAs(value))} />
      ) : (
        <JsonControl {...props} />
      );
  }
}

/** A value of several kinds, of which one is a text. */
export const isTextToo = (property: Property): boolean => property.anyOf?.some((one) => one.controlType === "TEXT" || one.controlType === "TEXT_AREA") ?? false;

/** A text that is a JSON list or object is that. */
const parsedAs = (value: Json | undefined): Json | undefined => (typeof value === "string" && /^\s*[[{]/.test(value) ? valueOf(value) : value);

/** A list with filters is long: it has a dialog of its own. */
const Waiting = (): ReactElement => <div className="control" aria-busy />;
