// The menu under `/`: add an action, go to a step, run a command.

import { Command } from "cmdk";
import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { useDeferredValue, useRef, useState, type KeyboardEvent, type ReactElement } from "react";

import { useComponent } from "../api/component";
import { useView } from "../app/view";
import { ActionIcon } from "../design/ActionIcon";
import type { Kind } from "../flow/edits";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { focusForm } from "../inspector/showField";
import { words } from "../words";
import { add, groupSelected, reveal, selectedSteps, titleOf } from "./commands";
import { CommandAside } from "./CommandAside";
import "./CommandMenu.css";
import { commandsFor } from "./menuCommands";
import { chooseModel, useMenuModels } from "./menuModels";
import { fitOf, CHIPS, MORE_WORDS } from "./palette";
import { Pill } from "./PillText";
import { useScene } from "./scene";
import { titleOfTask } from "./shown";
import { useCanvas, type AddMenu } from "./ui";

const GROUPS = ["each", "map", "loop", "parallel", "condition", "on-error", "fork-join"];
const SHOWN_STEPS = 8;
/** A few more rows than are in sight when the menu opens. */
const FIRST_ROWS = 12;

export function CommandMenu(): ReactElement | null {
  const menu = useCanvas((canvas) => canvas.menu);
  const isAsked = useView((view) => view.dialog === "command");
  const open = menu ?? (isAsked ? ({ mode: "add" } as const) : null);
  const isFormNext = useRef(false);
  const close = (opensForm = false): void => {
    isFormNext.current = opensForm;
    useCanvas.setState({ menu: null });
    if (isAsked) useView.getState().openDialog(null);
  };
  if (!open) return null;
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-scrim" />
        <Dialog.Content className="command" aria-describedby={undefined} onCloseAutoFocus={(event) => {
              event.preventDefault();
              if (isFormNext.current) focusForm();
              else document.querySelector<HTMLElement>(".canvas-stage")?.focus();
            }}>
          <Dialog.Title className="sr-only">{words.canvas.addAction}</Dialog.Title>
          <Menu menu={open} close={close} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Menu({ menu, close }: { menu: AddMenu; close: (opensForm?: boolean) => void }): ReactElement {
  const { data: component } = useComponent();
  const flow = useFlow((state) => state.flow);
  const [text, setText] = useState("");
  const [value, setValue] = useState("");
  const nodes = useScene((scene) => scene.graph.nodes);
  const source = menu.source ?? (menu.mode === "add" && !menu.place ? selectedSteps().at(-1) : undefined);
  const isAdding = menu.mode === "add";
  const kinds: Kind[] = isAdding ? [...(component?.actions ?? []), ...CHIPS, ...MORE_WORDS] : GROUPS;
  // The menu opens with what is in sight; the rest of the list follows in the background.
  const isWhole = useDeferredValue(true, false);
  const found = sorted(kinds, text).slice(0, isWhole ? kinds.length : FIRST_ROWS);
  const actions = found.filter((kind) => typeof kind !== "string");
  const flowWords = found.filter((kind) => typeof kind === "string");
  const [first] = found;
  const steps = isAdding && text.trim() ? nodes.filter((node) => node.task && `${titleOfTask(node.task, node.action)} ${node.id}`.toLowerCase().includes(text.trim().toLowerCase())) : [];
  const commands = isAdding && isWhole ? commandsFor(text) : [];
  const models = useMenuModels(isAdding ? text : "", source);
  const chosen = kinds.find((kind) => keyOf(kind) === value);
  const choose = (kind: Kind, alone: boolean, isOpened: boolean): void => {
    close(isOpened);
    if (!isAdding) groupSelected(keyOf(kind));
    else add(kind, { place: menu.place, at: menu.at, source: alone ? null : source, isOpened });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || chosen === undefined || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    choose(chosen, event.shiftKey, event.ctrlKey || event.metaKey);
  };
  return (
    <Command shouldFilter={false} value={value} onValueChange={setValue} onKeyDown={onKeyDown} label={words.canvas.menu.placeholder} loop>
      <div className="command-search">
        <Search aria-hidden />
        <Command.Input value={text} onValueChange={setText} placeholder={isAdding ? words.canvas.menu.placeholder : words.canvas.group} />
        {source !== undefined && find(flow, source) && (
          <span className="command-after">
            {words.canvas.menu.after} <Pill expression={source} />
          </span>
        )}
        <kbd className="canvas-kbd">Esc</kbd>
      </div>
      <div className="command-body">
        <Command.List className="command-list">
          <Command.Empty className="command-empty">{words.canvas.menu.nothing}</Command.Empty>
          {(typeof first === "string" ? [flowWords, actions] : [actions, flowWords]).map((kinds) => (
            <Kinds key={kinds === actions ? "actions" : "words"} heading={kinds === actions ? words.canvas.menu.actions : words.canvas.menu.words} kinds={kinds} onChoose={(kind) => choose(kind, false, false)} text={text} />
          ))}
          {models.found.length > 0 && (
            <Command.Group heading={words.canvas.menu.models}>
              {models.found.map(({ id, name }) => (
                <Command.Item key={id} value={`model ${id}`} className="command-row" onSelect={() => runCommand(() => chooseModel(models, id, menu), close)}>
                  <ActionIcon of={models.action ?? ""} />
                  <Marked title={name} text={text} />
                  <span>{models.setsOn === undefined ? words.canvas.menu.addWith(models.action?.title ?? "") : words.canvas.menu.setOn(models.setsOn)}</span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {steps.length > 0 && (
            <Command.Group heading={words.canvas.menu.steps}>
              {steps.slice(0, SHOWN_STEPS).map(({ id, task, action }) => (
                <Command.Item key={id} value={`step ${id}`} className="command-row" onSelect={() => goTo(id, close)}>
                  <ActionIcon of={action ?? task?.type.split("/")[0] ?? ""} />
                  <b>{task && titleOfTask(task, action)}</b>
                  <span className="mono">{id}</span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {commands.length > 0 && (
            <Command.Group heading={words.canvas.menu.commands}>
              {commands.map(({ label, keys, icon: Icon, act }) => (
                <Command.Item key={label} value={`command ${label}`} className="command-row" onSelect={() => runCommand(act, close)}>
                  <Icon className="command-icon" aria-hidden />
                  <b>{label}</b>
                  {keys && <kbd className="canvas-kbd">{keys}</kbd>}
                </Command.Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
        {isAdding && <CommandAside kind={chosen} source={source} />}
      </div>
      <footer className="command-foot">
        <kbd className="canvas-kbd">↵</kbd> {words.canvas.menu.add}
        <kbd className="canvas-kbd">⇧ ↵</kbd> {words.canvas.menu.addAlone}
        <kbd className="canvas-kbd">Ctrl ↵</kbd> {words.canvas.menu.addOpen}
      </footer>
    </Command>
  );
}

function runCommand(act: () => void, close: () => void): void {
  close();
  act();
}

function Kinds({ heading, kinds, text, onChoose }: { heading: string; kinds: Kind[]; text: string; onChoose: (kind: Kind) => void }): ReactElement | null {
  if (kinds.length === 0) return null;
  return (
    <Command.Group heading={heading}>
      {kinds.map((kind) => (
        <Command.Item key={keyOf(kind)} value={keyOf(kind)} className="command-row" onSelect={() => onChoose(kind)}>
          <ActionIcon of={kind} />
          <Marked title={titleOf(kind)} text={text} />
          <span>{typeof kind === "string" ? (words.canvas.flowHelp[kind] ?? "") : kind.group}</span>
        </Command.Item>
      ))}
    </Command.Group>
  );
}

function Marked({ title, text }: { title: string; text: string }): ReactElement {
  const at = text.trim() ? title.toLowerCase().indexOf(text.trim().toLowerCase()) : -1;
  if (at < 0) return <b>{title}</b>;
  const end = at + text.trim().length;
  return (
    <b>
      {title.slice(0, at)}
      <mark>{title.slice(at, end)}</mark>
      {title.slice(end)}
    </b>
  );
}

const keyOf = (kind: Kind): string => (typeof kind === "string" ? kind : kind.name);

function sorted(kinds: Kind[], text: string): Kind[] {
  return kinds
    .map((kind) => ({ kind, fit: fitOf(kind, text) }))
    .filter((one) => one.fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .map((one) => one.kind);
}

function goTo(id: string, close: () => void): void {
  close();
  useFlow.getState().select([id]);
  reveal(id);
}
