// An object with keys of one's own, whose values are of one kind.

import { Plus, X } from "lucide-react";
import { useState, type ReactElement } from "react";

import { Button, IconButton } from "../../design/controls";
import { isObject, type Json } from "../../flow/document";
import { words } from "../../words";
import { FieldRow } from "../FieldRow";
import { inner } from "../paths";
import { useFocusAdded } from "../useFocusAdded";
import { emptyItem } from "./ArrayControl";
import type { ControlProps } from "./Control";

export function MapControl({ id, property, path, value, onChange, disabled }: ControlProps): ReactElement {
  const entries = isObject(value) ? Object.entries(value) : [];
  const item = property.additionalProperties;
  const write = (next: [string, Json | undefined][]): void => onChange(next.length === 0 ? undefined : Object.fromEntries(next));
  const fresh = (): string => {
    for (let number = entries.length + 1; ; number += 1)
      if (!entries.some(([key]) => key === `${words.form.newKey}${number}`)) return `${words.form.newKey}${number}`;
  };
  const { ref, added } = useFocusAdded(entries.length);
  if (!item) return <></>;
  const add = (): void => {
    added();
    write([...entries, [fresh(), emptyItem(item)]]);
  };
  return (
    <div ref={ref} className="list" role="group" aria-labelledby={`${id}-label`}>
      {entries.map(([key], index) => (
        <div key={index} className="list-row map-row">
          <KeyInput
            value={key}
            taken={entries.map(([one]) => one)}
            onRename={(next) => write(entries.map(([one, inside]) => [one === key ? next : one, inside]))}
          />
          <div className="list-body">
            <FieldRow property={{ ...item, name: key, label: key }} path={inner(path, key)} isBare />
          </div>
          <IconButton className="field-tool" label={words.form.removeKey(key)} onClick={() => write(entries.filter(([one]) => one !== key))}>
            <X />
          </IconButton>
        </div>
      ))}
      <Button id={id} aria-labelledby={`${id} ${id}-label`} isSmall disabled={disabled} onClick={add}>
        <Plus /> {words.form.add(property.placeholder ?? words.form.entry)}
      </Button>
    </div>
  );
}

function KeyInput({ value, taken, onRename }: { value: string; taken: string[]; onRename: (key: string) => void }): ReactElement {
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? value;
  const isTaken = text !== value && taken.includes(text);
  const commit = (): void => {
    if (!isTaken && text !== "" && text !== value) onRename(text);
    setDraft(null);
  };
  return (
    <input
      className="control control-input mono map-key"
      aria-label={words.form.key}
      aria-invalid={isTaken}
      value={text}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && commit()}
    />
  );
}
