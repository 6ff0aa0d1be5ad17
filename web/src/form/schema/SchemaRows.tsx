// The rows of the schema builder: handle, name, kind, description, required; nested ones below.

import { Check, GripVertical, Plus, X } from "lucide-react";
import { useState, type KeyboardEvent, type ReactElement } from "react";

import { IconButton } from "../../design/controls";
import { words } from "../../words";
import { freshKey, hasRows, KINDS, newRow, type Kind, type Path, type SchemaRow } from "./rows";

type Change = (at: Path, change: (rows: SchemaRow[]) => SchemaRow[]) => void;

interface Props {
  rows: SchemaRow[];
  path: Path;
  onChange: Change;
}

const DRAGGED = "application/x-schema-row";

export function SchemaRows({ rows, path, onChange }: Props): ReactElement {
  return (
    <ul className="schema-rows">
      {rows.map((row, index) => (
        <li key={index}>
          <Row row={row} index={index} siblings={rows} path={path} onChange={onChange} />
          {hasRows(row) && <SchemaRows rows={row.rows} path={[...path, index]} onChange={onChange} />}
        </li>
      ))}
    </ul>
  );
}

function Row({ row, index, siblings, path, onChange }: { row: SchemaRow; index: number; siblings: SchemaRow[]; path: Path; onChange: Change }): ReactElement {
  const [isOver, setIsOver] = useState(false);
  const set = (part: Partial<SchemaRow>): void => onChange(path, (rows) => rows.toSpliced(index, 1, { ...row, ...part }));
  const move = (from: number, to: number): void => {
    const taken = siblings[from];
    if (taken && to >= 0 && to < siblings.length) onChange(path, (rows) => rows.toSpliced(from, 1).toSpliced(to, 0, taken));
  };
  const keys = (event: KeyboardEvent): void => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    move(index, index + (event.key === "ArrowUp" ? -1 : 1));
  };
  const place = path.join(".");
  return (
    <div
      className={`schema-row ${isOver ? "schema-over" : ""}`}
      style={{ "--depth": path.length } as React.CSSProperties}
      onKeyDown={keys}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAGGED)) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        const [from, source] = event.dataTransfer.getData(DRAGGED).split(" ");
        if (source === place) move(Number(from), index);
      }}
    >
      <span className="schema-grip" draggable aria-hidden onDragStart={(event) => event.dataTransfer.setData(DRAGGED, `${index} ${place}`)}>
        <GripVertical />
      </span>
      <NameInput row={row} taken={siblings.map((one) => one.name)} onRename={(name) => set({ name })} />
      <select className="schema-kind" aria-label={words.form.kindOf(row.name)} value={row.kind} onChange={(event) => set({ kind: event.target.value as Kind })}>
        {(row.kind === "other" ? [...KINDS, row.kind] : KINDS).map((kind) => (
          <option key={kind}>{kind}</option>
        ))}
      </select>
      <input className="schema-text" aria-label={words.form.descriptionOf(row.name)} placeholder={words.form.description} value={row.description} onChange={(event) => set({ description: event.target.value })} />
      <span className="schema-tools">
      {hasRows(row) && (
        <IconButton className="field-tool" label={words.form.addInside(row.name)} onClick={() => onChange([...path, index], (rows) => [...rows, newRow(freshKey(rows, words.form.newKey))])}>
          <Plus />
        </IconButton>
      )}
      <IconButton className="field-tool" label={words.form.removeKey(row.name)} onClick={() => onChange(path, (rows) => rows.toSpliced(index, 1))}>
        <X />
      </IconButton>
      </span>
      <button type="button" role="checkbox" aria-checked={row.isRequired} aria-label={words.form.requiredOf(row.name)} title={words.form.required} className="schema-required" onClick={() => set({ isRequired: !row.isRequired })}>
        <span>{row.isRequired && <Check aria-hidden />}</span>
      </button>
    </div>
  );
}

function NameInput({ row, taken, onRename }: { row: SchemaRow; taken: string[]; onRename: (name: string) => void }): ReactElement {
  const [draft, setDraft] = useState<string | null>(null);
  const text = draft ?? row.name;
  const isTaken = text !== row.name && taken.includes(text);
  const commit = (): void => {
    if (text !== "" && !isTaken && text !== row.name) onRename(text);
    setDraft(null);
  };
  return (
    <input
      className="schema-name"
      aria-label={words.form.nameOf(row.name)}
      aria-invalid={isTaken}
      value={text}
      spellCheck={false}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && commit()}
    />
  );
}
