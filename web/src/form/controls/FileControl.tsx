// One file.

import type { ReactElement } from "react";

import type { ControlProps } from "./Control";
import { FileCard, FileDrop } from "./FileCard";

export function FileControl({ id, property, value, onChange, disabled, isInvalid }: ControlProps): ReactElement {
  if (value !== undefined && value !== null) return <FileCard id={id} value={value} onChange={onChange} />;
  return (
    <FileDrop id={id} accept={property.accept} isMany={false} disabled={disabled} isInvalid={isInvalid} onFiles={([file]) => onChange(file)} />
  );
}
