// Asks which field travels along a new edge, and into which parameter.

import { Command } from "cmdk";
import { Popover } from "radix-ui";
import { useState, type CSSProperties, type ReactElement } from "react";

import { actionFor, useComponent, type Property } from "../api/component";
import { connect, isConnected, kindOfAction, targetsOf, withOutput } from "../flow/edits";
import { useFlow } from "../flow/store";
import { find, nameOf } from "../flow/tree";
import { words } from "../words";
import { currentCheck } from "./commands";
import { selectEdge } from "./edges";
import { fieldsOf, type Field } from "./fields";
import { Pill } from "./PillText";
import { useCanvas } from "./ui";

export function ConnectFields(): ReactElement | null {
  const edge = useCanvas((canvas) => canvas.connect);
  if (!edge) return null;
  const close = (): void => useCanvas.setState({ connect: null });
  const style: CSSProperties = { position: "fixed", left: edge.at.x, top: edge.at.y };
  return (
    <Popover.Root open onOpenChange={(isOpen) => !isOpen && close()}>
      <Popover.Anchor className="canvas-anchor" style={style} />
      <Popover.Portal>
        <Popover.Content className="canvas-fields" role="dialog" aria-label={words.canvas.connect(edge.source, edge.target)} align="start" sideOffset={4} onCloseAutoFocus={toStage}>
          <Fields source={edge.source.replace(/^input:/, "")} target={edge.target} close={close} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const OUTPUT: Property = { name: "value", label: words.inspector.value, type: "ANY", controlType: "TEXT" };

function toStage(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>(".canvas-stage")?.focus();
}

function Fields({ source, target, close }: { source: string; target: string; close: () => void }): ReactElement {
  const { data: component } = useComponent();
  const flow = useFlow((state) => state.flow);
  const task = find(flow, target)?.task;
  const from = find(flow, source)?.task;
  const isOutput = target.startsWith("output:");
  const targets = isOutput ? [OUTPUT] : task ? targetsOf(task, actionFor(component, task)) : [];
  const [into, setInto] = useState(targets[0]?.name ?? "");
  const property = targets.find((one) => one.name === into);
  const action = from && actionFor(component, from);
  const schema = currentCheck()?.outputs[source];
  const fields = fieldsOf(nameOf(source), schema).map((field) => (field.path === "" && action && schema?.type === undefined ? { ...field, kind: kindOfAction(action) } : field));
  const choose = (field: Field): void => {
    close();
    if (!property) return;
    const value = flow.outputs?.find((one) => `output:${one.name}` === target)?.value;
    if (isOutput ? value === `\${${field.expression}}` : task && isConnected(task, property, field.expression)) {
      selectEdge(source, target);
      return;
    }
    useFlow.getState().edit(words.canvas.edits.connect, (one) =>
      isOutput ? withOutput(one, target, `\${${field.expression}}`) : connect(one, nameOf(source), target, property, field.expression, field.kind),
    );
    useFlow.getState().select([target]);
  };
  if (!property) return <p className="canvas-fields-none">{words.canvas.doesNotFit}</p>;
  return (
    <Command label={words.canvas.chooseField} loop>
      <header className="canvas-fields-head">
        <Pill expression={nameOf(source)} />
        <Command.Input autoFocus placeholder={words.canvas.chooseField} />
      </header>
      <Command.List className="canvas-fields-list">
        <Command.Empty className="command-empty">{words.canvas.menu.nothing}</Command.Empty>
        {fields.map((field) => (
          <Command.Item key={field.expression} value={field.expression} className="command-row" onSelect={() => choose(field)}>
            <b className={field.path ? "mono" : ""}>{field.path || words.canvas.wholeResult}</b>
            <span>{words.canvas.menu.kinds[field.kind]}</span>
          </Command.Item>
        ))}
      </Command.List>
      <label className="canvas-fields-into">
        {words.canvas.chooseTarget}
        <select value={into} onChange={(event) => setInto(event.target.value)}>
          {targets.map((one) => (
            <option key={one.name} value={one.name}>
              {one.label}
            </option>
          ))}
        </select>
      </label>
    </Command>
  );
}
