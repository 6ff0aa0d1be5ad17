// The inputs of the flow, and notes.

import { Handle, Position, type NodeProps } from "@xyflow/react";
import { Download } from "lucide-react";
import { memo, type ReactElement } from "react";

import { withNote } from "../flow/edits";
import { useFlow } from "../flow/store";
import { words } from "../words";
import type { SceneNode } from "./scene";
import { useCanvas } from "./ui";

export const InputNode = memo(function InputNode({ id, data: { node }, selected }: NodeProps<SceneNode>): ReactElement | null {
  const { input } = node;
  if (!input) return null;
  const about = [input.type, input.required ? words.canvas.required : ""].filter(Boolean).join(", ");
  return (
    <article id={`node-${id}`} className={`canvas-input ${selected ? "canvas-selected" : ""}`} role="group" aria-label={words.canvas.node(words.canvas.input, input.name, about)}>
      <span className="canvas-input-icon" aria-hidden>
        <Download />
      </span>
      <code>{input.name}</code>
      <span>{input.label !== undefined && input.label !== input.name ? input.label : about}</span>
      <Handle id="out" type="source" position={Position.Bottom} className="canvas-port canvas-port-out" />
    </article>
  );
});

export const NoteNode = memo(function NoteNode({ id, data: { node }, selected }: NodeProps<SceneNode>): ReactElement | null {
  const isEdited = useCanvas((canvas) => canvas.editingNote === id);
  const { note } = node;
  if (!note) return null;
  const change = (text: string): void =>
    useFlow.getState().edit(words.canvas.edits.note, (flow) => withNote(flow, note.id, { text }), `note:${note.id}`);
  const leave = (): void => useCanvas.setState({ editingNote: null });
  return (
    <aside id={`node-${id}`} className={`canvas-note ${selected ? "canvas-selected" : ""}`} aria-label={words.canvas.noteLabel} onDoubleClick={() => useCanvas.setState({ editingNote: id })}>
      {isEdited ? (
        <textarea
          className="canvas-note-edit nodrag nowheel"
          aria-label={words.canvas.noteLabel}
          value={note.text}
          placeholder={words.canvas.noteEmpty}
          ref={(area) => area?.focus()}
          onChange={(event) => change(event.target.value)}
          onBlur={leave}
          onKeyDown={(event) => event.key === "Escape" && leave()}
        />
      ) : (
        <p>{note.text || words.canvas.noteEmpty}</p>
      )}
    </aside>
  );
});
