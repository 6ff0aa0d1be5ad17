// Several files, with the place for more of them.

import type { ReactElement } from "react";

import type { Json } from "../../flow/document";
import type { ControlProps } from "./Control";
import { FileCard, FileDrop } from "./FileCard";

export function FilesControl({ id, property, items, onChange, disabled, isInvalid }: ControlProps & { items: Json[] }): ReactElement {
  const write = (next: Json[]): void => onChange(next.length === 0 ? undefined : next);
  const isFull = property.maxItems !== undefined && items.length >= property.maxItems;
  return (
    <div className="files" role="group" aria-labelledby={`${id}-label`}>
      {items.map((one, index) => (
        <FileCard key={index} id={`${id}-${index}`} value={one} onChange={(next) => write(next === undefined ? items.toSpliced(index, 1) : items.toSpliced(index, 1, next))} />
      ))}
      {!isFull && (
        <FileDrop id={id} accept={property.items?.accept} isMany disabled={disabled} isInvalid={isInvalid} onFiles={(files) => write([...items, ...(files as unknown as Json[])])} />
      )}
    </div>
  );
}
