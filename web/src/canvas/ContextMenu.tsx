// What can be done with a step, an edge or the bare canvas, under the right button.

import { ArrowUpFromLine, ClipboardPaste, Copy, CopyPlus, FoldVertical, Network, PanelRight, Play, Plus, Scissors, SquareDashed, StickyNote, Trash2, Unlink } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { CSSProperties, ReactElement } from "react";

import { useView } from "../app/view";
import { MenuItem, MenuLine } from "../design/controls";
import { isContainer } from "../flow/containers";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { useRun } from "../runs/store";
import { words } from "../words";
import { addNote, containerOf, copiedText, duplicateSelected, fold, moveOut, pasteText, removeSelected, selectAll, selectedSteps, tidy, ungroup } from "./commands";
import { disconnectEdge } from "./edges";
import { isFolded } from "./graph";
import { runStep } from "./running";
import { getStage, useCanvas } from "./ui";

const say = words.canvas;

export function ContextMenu(): ReactElement | null {
  const context = useCanvas((canvas) => canvas.context);
  if (!context) return null;
  const style: CSSProperties = { position: "fixed", left: context.at.x, top: context.at.y };
  return (
    <DropdownMenu.Root open onOpenChange={(isOpen) => !isOpen && useCanvas.setState({ context: null })}>
      <DropdownMenu.Trigger className="canvas-anchor" style={style} aria-hidden tabIndex={-1} />
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={2}>
          {context.id === null ? <OfCanvas at={context.at} /> : context.id.includes(">") ? <OfEdge id={context.id} /> : <OfStep name={context.id} />}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function OfStep({ name }: { name: string }): ReactElement {
  const task = useFlow((state) => find(state.flow, name)?.task);
  const hasRun = useRun((state) => state.run !== null);
  if (!task) return <Common />;
  return (
    <>
      <MenuItem icon={<PanelRight />} keys="Enter" onSelect={() => useView.getState().setInspector({ isInspectorOpen: true })}>
        {say.open}
      </MenuItem>
      <MenuItem icon={<Plus />} keys="/" onSelect={() => useCanvas.setState({ menu: { mode: "add" } })}>
        {say.addBehind}
      </MenuItem>
      <MenuLine />
      {!isContainer(task) && (
        <MenuItem icon={<Play />} keys="Ctrl ↵" onSelect={() => void runStep(name)}>
          {say.runStep}
        </MenuItem>
      )}
      {hasRun && (
        <MenuItem icon={<Play />} keys="Ctrl Alt ↵" onSelect={() => void runStep(name, true)}>
          {say.runFrom}
        </MenuItem>
      )}
      <MenuLine />
      <MenuItem icon={<SquareDashed />} keys="G" onSelect={() => useCanvas.setState({ menu: { mode: "group" } })}>
        {say.group}…
      </MenuItem>
      {isContainer(task) && (
        <MenuItem icon={<SquareDashed />} onSelect={() => ungroup(name)}>
          {say.ungroup}
        </MenuItem>
      )}
      {containerOf(name) !== undefined && (
        <MenuItem icon={<ArrowUpFromLine />} onSelect={() => moveOut(name)}>
          {say.moveOut}
        </MenuItem>
      )}
      {!isContainer(task) && (
        <MenuItem icon={<FoldVertical />} onSelect={() => fold(name)}>
          {isFolded(task) ? say.unfold : say.fold}
        </MenuItem>
      )}
      <MenuLine />
      <Common />
    </>
  );
}

function Common(): ReactElement {
  return (
    <>
      <MenuItem icon={<Copy />} keys="Ctrl C" onSelect={() => void copyNow()}>
        {say.copy}
      </MenuItem>
      <MenuItem icon={<Scissors />} keys="Ctrl X" onSelect={() => void copyNow().then(removeSelected)}>
        {say.cut}
      </MenuItem>
      <MenuItem icon={<CopyPlus />} keys="Ctrl D" onSelect={duplicateSelected}>
        {say.duplicate}
      </MenuItem>
      <MenuItem icon={<Trash2 />} keys="Del" isDangerous onSelect={removeSelected}>
        {say.remove}
      </MenuItem>
    </>
  );
}

function OfEdge({ id }: { id: string }): ReactElement {
  return (
    <MenuItem icon={<Unlink />} keys="Del" isDangerous onSelect={() => void disconnectEdge(id)}>
      {say.removeEdge}
    </MenuItem>
  );
}

function OfCanvas({ at }: { at: { x: number; y: number } }): ReactElement {
  const point = getStage()?.screenToFlowPosition(at);
  return (
    <>
      <MenuItem icon={<Plus />} keys="/" onSelect={() => useCanvas.setState({ menu: { mode: "add", ...(point ? { at: point } : {}) } })}>
        {say.addAction}
      </MenuItem>
      <MenuItem icon={<StickyNote />} keys="N" onSelect={() => addNote(point)}>
        {say.note}
      </MenuItem>
      <MenuItem icon={<ClipboardPaste />} keys="Ctrl V" onSelect={() => void pasteNow()}>
        {say.paste}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={<SquareDashed />} keys="Ctrl A" onSelect={selectAll}>
        {say.selectAll}
      </MenuItem>
      <MenuItem icon={<Network />} keys="⇧ L" onSelect={tidy}>
        {say.tidy}
      </MenuItem>
    </>
  );
}

async function copyNow(): Promise<void> {
  const text = copiedText();
  if (text === undefined) return;
  await navigator.clipboard.writeText(text);
  useView.getState().say(say.copied(selectedSteps().length));
}

async function pasteNow(): Promise<void> {
  try {
    pasteText(await navigator.clipboard.readText());
  } catch {
    useView.getState().say(say.pasteBlocked);
  }
}
