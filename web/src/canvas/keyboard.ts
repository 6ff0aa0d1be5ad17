// All of the canvas by keyboard.

import { useEffect } from "react";

import { useView } from "../app/view";
import { withPosition } from "../flow/document";
import { shifted } from "../flow/edits";
import { useFlow } from "../flow/store";
import { find, nameOf, replace } from "../flow/tree";
import { focusForm } from "../inspector/showField";
import { useRun } from "../runs/store";
import { words } from "../words";
import { addNote, copiedText, duplicateSelected, pasteText, redo, removeSelected, reveal, selectAll, selectedSteps, tidy, undo } from "./commands";
import { neighbour, type Direction } from "./neighbour";
import { runStep } from "./running";
import { disconnectEdge } from "./edges";
import { absolute, useScene } from "./scene";
import { statusIn } from "./status";
import { announce, useCanvas, zoomToFit } from "./ui";

const GRID = 20;
const ARROWS: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

export function useKeyboard(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || useView.getState().tab !== "canvas" || isElsewhere(event.target)) return;
      const done = isTyping(event.target) ? withinText(event) : anywhere(event) || (isOnStage(event.target) && onStage(event));
      if (done) event.preventDefault();
    };
    const copy = (event: ClipboardEvent): boolean => {
      if (!isOnStage(event.target) || isElsewhere(event.target) || useView.getState().tab !== "canvas") return false;
      const text = copiedText();
      if (text === undefined) return false;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      useView.getState().say(words.canvas.copied(selectedSteps().length));
      return true;
    };
    const onCopy = (event: ClipboardEvent): void => void copy(event);
    const onCut = (event: ClipboardEvent): void => {
      if (copy(event)) removeSelected();
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (!isOnStage(event.target) || isElsewhere(event.target) || useView.getState().tab !== "canvas") return;
      pasteText(event.clipboardData?.getData("text/plain") ?? "");
    };
    window.addEventListener("keydown", onKey);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCut);
    document.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKey);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCut);
      document.removeEventListener("paste", onPaste);
    };
  }, []);
}

/** In a text field only what a text field has no use for. */
function withinText(event: KeyboardEvent): boolean {
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key.toLowerCase() === "k") return openMenu();
  return isCommand && event.key === "Enter" && run(event);
}

function anywhere(event: KeyboardEvent): boolean {
  const isCommand = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (isCommand && key === "k") return openMenu();
  if (isCommand && key === "z") return acted(event.shiftKey ? redo : undo);
  if (isCommand && key === "y") return acted(redo);
  if (isCommand && event.key === "Enter") return run(event);
  if (isCommand || event.altKey) return false;
  if (event.key === "/") return openMenu();
  if (event.key === "?") return acted(() => useView.getState().openDialog("shortcuts"));
  return false;
}

function onStage(event: KeyboardEvent): boolean {
  const isCommand = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const arrow = ARROWS[event.key];
  if (isCommand) {
    if (key === "d") return acted(duplicateSelected);
    return key === "a" && acted(selectAll);
  }
  if (arrow && event.altKey) return nudge(arrow);
  if (event.altKey) return false;
  if (arrow) return go(arrow, event.shiftKey);
  if (event.shiftKey) return key === "l" && acted(tidy);
  switch (event.key) {
    case "Delete":
    case "Backspace":
      return acted(() => (disconnectEdge() ? undefined : removeSelected()));
    case "Enter":
      return useCanvas.getState().drawing !== null ? endDrawing() : openInspector();
    case "Escape":
      return escape();
    case "e":
      return startDrawing();
    case "n":
      return acted(() => addNote());
    case "g":
      return selectedSteps().length > 0 && acted(() => useCanvas.setState({ menu: { mode: "group" } }));
    case "1":
      return acted(() => void zoomToFit({ duration: 200 }));
    case "2":
      return acted(() => void zoomToFit({ duration: 200, ids: useFlow.getState().selected }));
    case "[":
    case "]":
      return turnItem(event.key === "]" ? 1 : -1);
    default:
      return false;
  }
}

const acted = (act: () => void): true => {
  act();
  return true;
};

const openMenu = (): true => acted(() => useCanvas.setState({ menu: { mode: "add" } }));

function run(event: KeyboardEvent): boolean {
  if (event.shiftKey) return false; // the key of the run bar: never pay twice
  const name = selectedSteps().at(-1);
  if (name === undefined) return false;
  return acted(() => void runStep(name, event.altKey));
}

function openInspector(): boolean {
  const selected = [...useFlow.getState().selected].at(-1);
  if (selected === undefined) return false;
  if (selected.startsWith("note:")) return acted(() => useCanvas.setState({ editingNote: selected }));
  useView.getState().setInspector({ isInspectorOpen: true });
  focusForm();
  return true;
}

function go(direction: Direction, isAdding: boolean): boolean {
  const { graph, byId, layout } = useScene.getState();
  const current = [...useFlow.getState().selected].at(-1);
  const next = neighbour(graph, (id) => absolute(id, byId, layout), current, direction);
  if (next === undefined) return true;
  useFlow.getState().select(isAdding ? [...useFlow.getState().selected, next] : [next]);
  const node = byId.get(next);
  const { run, shownItems } = useRun.getState();
  const status = node && run ? words.states[statusIn(run, node, shownItems) as keyof typeof words.states] : "";
  announce(words.canvas.node(node?.task?.label ?? node?.input?.label ?? nameOf(next), nameOf(next), status));
  reveal(next);
  return true;
}

/** Move the selected steps by one step of the grid; inside a pane, where the layout places them, by one place. */
function nudge(direction: Direction): boolean {
  const by = { up: [0, -GRID], down: [0, GRID], left: [-GRID, 0], right: [GRID, 0] }[direction];
  const { layout, graph } = useScene.getState();
  const inPanes = new Set(graph.nodes.flatMap((node) => (node.task && node.parent !== undefined ? [node.id] : [])));
  const names = selectedSteps();
  if (names.length === 0) return false;
  // The last of several goes first when they go down, so that they do not pass each other.
  const ordered = direction === "down" || direction === "right" ? names.toReversed() : names;
  useFlow.getState().edit(
    words.canvas.edits.move,
    (flow) =>
      ordered.reduce((one, name) => {
        if (inPanes.has(name)) return shifted(one, name, direction);
        const box = layout.boxes[name];
        return box ? replace(one, name, (task) => withPosition(task, { x: box.x + (by[0] ?? 0), y: box.y + (by[1] ?? 0) })) : one;
      }, flow),
    `nudge ${names.join()}`,
  );
  return true;
}

function startDrawing(): boolean {
  const name = [...useFlow.getState().selected].at(-1);
  if (name === undefined || name.startsWith("note:")) return false;
  useCanvas.setState({ drawing: name });
  announce(words.canvas.drawing(name));
  return true;
}

function endDrawing(): boolean {
  const { drawing } = useCanvas.getState();
  const target = selectedSteps().at(-1);
  useCanvas.setState({ drawing: null });
  if (drawing === null || target === undefined || target === drawing) return true;
  const at = document.getElementById(`node-${target}`)?.getBoundingClientRect();
  useCanvas.setState({ connect: { source: drawing, target, at: { x: at?.x ?? 0, y: at?.y ?? 0 } } });
  return true;
}

function escape(): boolean {
  useCanvas.setState({ drawing: null, flyout: null, context: null });
  useFlow.getState().select([]);
  return false;
}

function turnItem(by: number): boolean {
  const { run, shownItems, showItem } = useRun.getState();
  const name = selectedSteps().at(-1);
  const { flow } = useFlow.getState();
  if (!run || name === undefined) return false;
  const around = [...(find(flow, name)?.around ?? []), name];
  const container = Object.keys(run.steps).findLast((place) => around.includes(place.split(".").at(-1) ?? "") && run.steps[place]?.progress);
  if (container === undefined) return false;
  const all = run.steps[container]?.progress?.total ?? 1;
  showItem(container, Math.min(all - 1, Math.max(0, (shownItems[container] ?? 0) + by)));
  return true;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable=true], [role=textbox]") !== null;

const isElsewhere = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("[role=dialog], [role=menu], [role=listbox]") !== null;

const isOnStage = (target: EventTarget | null): boolean =>
  target === document.body || (target instanceof Element && target.closest(".canvas-stage") !== null && !isTyping(target));
