// A container as a pane behind its steps; the head of one that repeats has a mark for each item.

import { Handle, Position, type NodeProps } from "@xyflow/react";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { memo, type CSSProperties, type ReactElement } from "react";

import { ActionIcon } from "../design/ActionIcon";
import { Glyph } from "../design/Glyph";
import { REPEATING, wordOf } from "../flow/containers";
import { useRun } from "../runs/store";
import type { StepStatus } from "../runs/state";
import { words } from "../words";
import type { GraphNode } from "./graph";
import { itemsIn } from "./items";
import type { SceneNode } from "./scene";
import { titleOfTask } from "./shown";
import { PANE } from "./sizes";
import { placeIn, useStatus } from "./status";
import { useCanvas } from "./ui";

const MARKS = 12;

export const PaneNode = memo(function PaneNode({ id, data: { node, columns }, selected }: NodeProps<SceneNode>): ReactElement | null {
  const status = useStatus(node);
  const drop = useCanvas((canvas) => (canvas.drop?.id === id ? canvas.drop : null));
  const { task } = node;
  if (!task) return null;
  const title = titleOfTask(task, undefined);
  const isRepeating = REPEATING.has(wordOf(task));
  return (
    <section id={`node-${id}`} className={`canvas-pane canvas-pane-${status} ${selected ? "canvas-selected" : ""} ${drop ? "canvas-pane-drop" : ""}`} role="group" aria-label={words.canvas.node(title, task.name, status === "idle" ? "" : words.states[status])}>
      <Handle id="in" type="target" position={Position.Top} className="canvas-port canvas-port-in" />
      <header className="canvas-pane-head">
        <ActionIcon of={wordOf(task)} />
        <div className="canvas-node-title">
          <b>{title}</b>
          <span>
            <code>{task.name}</code>
          </span>
        </div>
        {isRepeating && <Items node={node} />}
        {status !== "idle" && !(isRepeating && status === "running") && <Glyph status={status} />}
      </header>
      {columns.map((column) => {
        const style: CSSProperties = { left: column.x, width: column.width };
        return (
          <div key={column.key} className="canvas-pane-column" style={style}>
            {column.label && <span className="canvas-pane-label">{column.label}</span>}
            {column.isEmpty && <div className={`canvas-pane-empty ${drop?.slot === column.key ? "canvas-pane-empty-drop" : ""}`}>{words.canvas.dropHere}</div>}
            {drop?.slot === column.key && !column.isEmpty && <i className="canvas-pane-line" style={{ top: drop.y - PANE.head }} />}
          </div>
        );
      })}
      <Handle id="out" type="source" position={Position.Bottom} className="canvas-port canvas-port-out" />
    </section>
  );
});

function Items({ node }: { node: GraphNode }): ReactElement | null {
  const place = useRun((state) => placeIn(node, state.shownItems));
  const shown = useRun((state) => state.shownItems[place] ?? 0);
  const marks = useRun((state) => (state.run ? itemsIn(state.run, place).join() : ""));
  const showItem = useRun((state) => state.showItem);
  const states = marks ? (marks.split(",") as StepStatus[]) : [];
  if (states.length === 0) return null;
  const done = states.filter((one) => one === "done").length;
  if (states.length > MARKS)
    return (
      <span className="canvas-items nodrag">
        <button type="button" tabIndex={-1} className="canvas-items-step" disabled={shown === 0} onClick={() => showItem(place, shown - 1)} aria-label={words.canvas.before}>
          <ChevronLeft />
        </button>
        {words.canvas.itemsOf(shown + 1, states.length)}
        <button type="button" tabIndex={-1} className="canvas-items-step" disabled={shown >= states.length - 1} onClick={() => showItem(place, shown + 1)} aria-label={words.canvas.next}>
          <ChevronRight />
        </button>
      </span>
    );
  return (
    <span className="canvas-items nodrag">
      {states.map((state, index) => (
        <button
          key={index}
          type="button"
          tabIndex={-1}
          className={`canvas-item canvas-item-${state}`}
          aria-pressed={index === shown}
          aria-label={words.canvas.item(index + 1, words.states[state])}
          onClick={() => showItem(place, index)}
        />
      ))}
      <span>{words.canvas.itemsOf(done, states.length)}</span>
    </span>
  );
}
