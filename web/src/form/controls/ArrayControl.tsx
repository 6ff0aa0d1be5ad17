// A list of fields: add, remove, and move by drag or by Alt with the arrow keys.

import { ChevronDown, ChevronUp, GripVertical, Plus, X } from "lucide-react";
import { useState, type ReactElement } from "react";

import type { Property } from "../../api/component";
import { Button, IconButton } from "../../design/controls";
import type { Json } from "../../flow/document";
import { words } from "../../words";
import { FieldRow } from "../FieldRow";
import { inner } from "../paths";
import { useFocusAdded } from "../useFocusAdded";
import type { ControlProps } from "./Control";
import { FilesControl } from "./FilesControl";

const ROW = "application/x-list-row";

export function ArrayControl(props: ControlProps): ReactElement {
  const { property, path, value, onChange, disabled } = props;
  const items = Array.isArray(value) ? value : [];
  const [over, setOver] = useState<number | null>(null);
  const { ref, added } = useFocusAdded(items.length);
  const item: Property = property.items ?? { name: "", label: "", type: "ANY", controlType: "JSON" };
  if (item.type === "FILE_ENTRY") return <FilesControl {...props} items={items} />;
  const move = (from: number, to: number): void => {
    if (to < 0 || to >= items.length || from === to) return;
    const taken = items[from] ?? null;
    onChange(items.toSpliced(from, 1).toSpliced(to, 0, taken));
  };
  const add = (): void => {
    added();
    onChange([...items, emptyItem(item)]);
  };
  const isWide = item.controlType === "OBJECT_BUILDER" || item.controlType === "ARRAY_BUILDER";
  const isFull = property.maxItems !== undefined && items.length >= property.maxItems;
  return (
    <div ref={ref} className="list" role="group" aria-labelledby={`${props.id}-label`}>
      {items.map((_, index) => (
        <div
          key={index}
          className={`list-row ${isWide ? "list-wide" : ""} ${over === index ? "list-over" : ""}`}
          onDragOver={(event) => {
            if (!event.dataTransfer.types.includes(ROW)) return;
            event.preventDefault();
            setOver(index);
          }}
          onDragLeave={() => setOver(null)}
          onDrop={(event) => {
            setOver(null);
            const [from, source] = event.dataTransfer.getData(ROW).split(" ");
            if (source === path) move(Number(from), index);
          }}
          onKeyDown={(event) => {
            if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
            event.preventDefault();
            event.stopPropagation();
            move(index, index + (event.key === "ArrowUp" ? -1 : 1));
          }}
        >
          <span className="list-grip" draggable onDragStart={(event) => event.dataTransfer.setData(ROW, `${index} ${path}`)} aria-hidden>
            <GripVertical />
          </span>
          {isWide && <span className="list-title">{item.label || words.form.item} {index + 1}</span>}
          <div className="list-body">
            <FieldRow property={item} path={inner(path, index)} isBare />
          </div>
          <span className="list-tools">
            {items.length > 1 && (
              <>
                <IconButton className="field-tool" label={words.form.up} keys="Alt-↑" disabled={index === 0} onClick={() => move(index, index - 1)}>
                  <ChevronUp />
                </IconButton>
                <IconButton className="field-tool" label={words.form.down} keys="Alt-↓" disabled={index === items.length - 1} onClick={() => move(index, index + 1)}>
                  <ChevronDown />
                </IconButton>
              </>
            )}
            <IconButton className="field-tool" label={words.form.removeItem(index + 1)} onClick={() => onChange(items.length === 1 ? undefined : items.toSpliced(index, 1))}>
              <X />
            </IconButton>
          </span>
        </div>
      ))}
      <Button id={props.id} aria-labelledby={`${props.id} ${props.id}-label`} isSmall disabled={disabled || isFull} onClick={add}>
        <Plus /> {property.placeholder ?? words.form.add(item.label)}
      </Button>
      {isFull && <span className="field-hint">{words.form.atMost(property.maxItems ?? 0)}</span>}
    </div>
  );
}

export function emptyItem(item: Property): Json {
  switch (item.type) {
    case "OBJECT":
      return Object.fromEntries((item.properties ?? []).flatMap((one) => (one.required && one.defaultValue !== undefined ? [[one.name, one.defaultValue]] : [])));
    case "ARRAY":
      return [];
    case "NUMBER":
    case "INTEGER":
      return item.minValue ?? 0;
    case "BOOLEAN":
      return false;
    default:
      return item.options?.[0]?.value ?? "";
  }
}
