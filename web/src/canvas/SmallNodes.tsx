// The inputs and outputs of the flow, and notes.

import { Handle, Position, type NodeProps } from "@xyflow/react";
import { Download, Upload } from "lucide-react";
import { memo, type ReactElement } from "react";

import { isObject, type Json } from "../flow/document";
import { withNote } from "../flow/edits";
import { useFlow } from "../flow/store";
import { useRun } from "../runs/store";
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

/** An output, with its value once a run has returned it. */
export const OutputNode = memo(function OutputNode({ id, data: { node }, selected }: NodeProps<SceneNode>): ReactElement | null {
  const { output } = node;
  const value = useRun((state) => (output && state.run?.outputs ? shortValue(state.run.outputs[output.name]) : undefined));
  if (!output) return null;
  const about = value ?? shortValue(output.value) ?? "";
  return (
    <article id={`node-${id}`} className={`canvas-input canvas-output ${selected ? "canvas-selected" : ""}`} role="group" aria-label={words.canvas.node(words.canvas.output, output.name, about)}>
      <Handle id="in" type="target" position={Position.Top} className="canvas-port canvas-port-in" />
      <span className="canvas-input-icon" aria-hidden>
        <Upload />
      </span>
      <code>{output.name}</code>
      <span className={value === undefined ? "" : "canvas-output-value"}>{about}</span>
    </article>
  );
});

const SHORT = 60;

function shortValue(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (isObject(value) && typeof value.name === "string" && typeof value.mimeType === "string") return value.name;
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, SHORT);
}

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
