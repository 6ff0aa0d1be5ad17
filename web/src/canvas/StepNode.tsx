// A step on the canvas: its name, its result in place, its state and cost.

import { Handle, Position, type NodeProps } from "@xyflow/react";
import { memo, type ReactElement } from "react";

import { useView } from "../app/view";
import { ActionIcon } from "../design/ActionIcon";
import { Glyph } from "../design/Glyph";
import { Tooltip } from "../design/controls";
import { wordOf } from "../flow/containers";
import { useFlow } from "../flow/store";
import { nameOf } from "../flow/tree";
import { words } from "../words";
import { fold } from "./commands";
import { Foot } from "./Foot";
import { useMarkedProblems, useProblems } from "./problems";
import type { SceneNode } from "./scene";
import { PORTS } from "./sizes";
import { shortModel, titleOfTask, wholeModel } from "./shown";
import { useStatus } from "./status";
import { useCanvas } from "./ui";
import { Well } from "./Well";

export const StepNode = memo(function StepNode({ id, data: { node }, selected }: NodeProps<SceneNode>): ReactElement | null {
  const status = useStatus(node);
  const problems = useProblems(nameOf(id));
  const marked = useMarkedProblems(nameOf(id));
  const dropSlot = useCanvas((canvas) => (canvas.drop?.id === id ? canvas.drop.slot : null));
  const { task, action } = node;
  if (!task) return null;
  const title = titleOfTask(task, action);
  const model = shortModel(task);
  const isUnknown = !action && node.kind === "step" && !(wordOf(task) in words.canvas.flowWords);
  const state = status === "idle" ? (problems[0] ? words.canvas.problems(problems.length) : "") : words.states[status];
  const className = `canvas-node canvas-node-${status} ${selected ? "canvas-selected" : ""} ${marked[0] ? "canvas-node-problem" : ""}`;
  return (
    <article id={`node-${id}`} className={className} role="group" aria-label={words.canvas.node(title, task.name, state)}>
      <Handle id="in" type="target" position={Position.Top} className="canvas-port canvas-port-in" />
      <header className="canvas-node-head" onDoubleClick={() => node.preview !== "none" && fold(id)}>
        <ActionIcon of={action ?? wordOf(task)} />
        <div className="canvas-node-title">
          <b>{title}</b>
          <span title={model ? `${task.name} · ${wholeModel(task)}` : task.name}>
            <code>{task.name}</code>
            {model && <em>{model}</em>}
            {isUnknown && <em>{words.canvas.notHere}</em>}
          </span>
        </div>
        {status !== "idle" ? <Glyph status={status} /> : marked[0] && <ProblemMark name={id} text={marked[0].message} count={marked.length} />}
      </header>
      {status === "running" && <i className="canvas-node-progress" aria-hidden />}
      <Well node={node} status={status} />
      {node.preview !== "expression" && <Foot node={node} status={status} />}
      {node.kind === "condition" ? <TwoPorts dropSlot={dropSlot} /> : <Handle id="out" type="source" position={Position.Bottom} className="canvas-port canvas-port-out" />}
    </article>
  );
});

function TwoPorts({ dropSlot }: { dropSlot: string | null }): ReactElement {
  return (
    <>
      {["caseTrue", "caseFalse"].map((slot) => (
        <Handle
          key={slot}
          id={slot}
          type="source"
          position={Position.Bottom}
          className={`canvas-port canvas-port-out ${dropSlot === slot ? "canvas-port-drop" : ""}`}
          style={slot === "caseTrue" ? TRUE_PORT : FALSE_PORT}
        />
      ))}
    </>
  );
}
const TRUE_PORT = { left: `${(PORTS.caseTrue ?? 0) * 100}%` };
const FALSE_PORT = { left: `${(PORTS.caseFalse ?? 0) * 100}%` };

function ProblemMark({ name, text, count }: { name: string; text: string; count: number }): ReactElement {
  const open = (): void => {
    useFlow.getState().select([name]);
    useView.getState().setInspector({ isInspectorOpen: true });
  };
  return (
    <Tooltip text={text}>
      <button type="button" tabIndex={-1} className="canvas-node-mark nodrag" onClick={open} aria-label={words.canvas.problems(count)}>
        !
      </button>
    </Tooltip>
  );
}
