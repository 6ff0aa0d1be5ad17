// The values of a form to read and to copy from: of a past run, where nothing can be changed.

import type { ReactElement } from "react";

import type { Property } from "../api/component";
import { isObject, type Json, type JsonObject } from "../flow/document";
import { isFileEntry } from "../results/files";
import { ValuePreview } from "../results/ResultPreview";
import { LongText } from "../results/Texts";
import { words } from "../words";
import "./ReadForm.css";
import { wordsOf } from "./words";

interface Props {
  properties: readonly Property[];
  values: JsonObject;
}

/** What is set, in the order of the form, and then what no field describes. */
export function ReadForm({ properties, values }: Props): ReactElement {
  const known = properties.filter(({ name }) => isSet(values[name]));
  const others = Object.keys(values).filter((key) => isSet(values[key]) && !properties.some(({ name }) => name === key));
  if (known.length + others.length === 0) return <p className="inspector-empty">{words.form.nothingSet}</p>;
  return (
    <dl className="read-form">
      {known.map((property) => (
        <Field key={property.name} label={property.label || property.name} property={property} value={values[property.name]} />
      ))}
      {others.map((key) => (
        <Field key={key} label={key} property={undefined} value={values[key]} />
      ))}
    </dl>
  );
}

const isSet = (value: Json | undefined): value is Json => value !== undefined && value !== null && value !== "";

interface FieldProps {
  label: string;
  property: Property | undefined;
  value: Json | undefined;
}

function Field({ label, property, value }: FieldProps): ReactElement {
  return (
    <div data-path={property?.name}>
      <dt>{label}</dt>
      <dd>
        <Value property={property} value={value ?? null} />
      </dd>
    </div>
  );
}

function Value({ property, value }: { property: Property | undefined; value: Json }): ReactElement | null {
  if (isFileEntry(value)) return <ValuePreview value={value} size="panel" />;
  if (Array.isArray(value))
    return (
      <ol>
        {value.map((one, index) => (
          <li key={index}>
            <Value property={property?.items} value={one} />
          </li>
        ))}
      </ol>
    );
  if (isObject(value)) return <ReadForm properties={property?.properties ?? []} values={value} />;
  // A long text is read by the keyboard too.
  return typeof value === "string" && value.length > LONG ? (
    <div className="read-long" tabIndex={0} role="group" aria-label={property?.label}>
      <LongText text={value} size="panel" />
    </div>
  ) : (
    <span>{wordsOf(property, value)}</span>
  );
}

const LONG = 300;
