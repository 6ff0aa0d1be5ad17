// The commands of the menu under `/`.

import { CircleHelp, Copy, Download, FileInput, Maximize, Network, Play, Redo2, SquareDashed, StickyNote, Trash2, Undo2, type LucideIcon } from "lucide-react";

import { useView } from "../app/view";
import { useFlow } from "../flow/store";
import { useRun } from "../runs/store";
import { words } from "../words";
import { addNote, duplicateSelected, redo, removeSelected, selectAll, selectedSteps, tidy, undo } from "./commands";
import { runStep } from "./running";
import { useCanvas, zoomToFit } from "./ui";

export interface MenuCommand {
  label: string;
  keys?: string;
  icon: LucideIcon;
  act: () => void;
}

/** The commands that make sense now, and fit the text. */
export function commandsFor(text: string): MenuCommand[] {
  const say = words.canvas;
  const { past, future } = useFlow.getState();
  const name = selectedSteps().at(-1);
  const of = (step: string, commands: MenuCommand[]): MenuCommand[] => (step ? commands : []);
  const all: MenuCommand[] = [
    ...of(name ?? "", [
      { label: `${say.runStep}: ${name ?? ""}`, keys: "Ctrl ↵", icon: Play, act: () => void runStep(name ?? "") },
      ...(useRun.getState().run ? [{ label: `${say.runFrom}: ${name ?? ""}`, keys: "Ctrl Alt ↵", icon: Play, act: () => void runStep(name ?? "", true) }] : []),
      { label: say.duplicate, keys: "Ctrl D", icon: Copy, act: duplicateSelected },
      { label: say.group, keys: "G", icon: SquareDashed, act: () => useCanvas.setState({ menu: { mode: "group" } }) },
      { label: say.remove, keys: "Del", icon: Trash2, act: removeSelected },
    ]),
    { label: say.tidy, keys: "⇧ L", icon: Network, act: tidy },
    { label: say.note, keys: "N", icon: StickyNote, act: () => addNote() },
    { label: say.fit, keys: "1", icon: Maximize, act: () => void zoomToFit({ duration: 200 }) },
    { label: say.selectAll, keys: "Ctrl A", icon: SquareDashed, act: selectAll },
    ...(past.length > 0 ? [{ label: say.undo, keys: "Ctrl Z", icon: Undo2, act: undo }] : []),
    ...(future.length > 0 ? [{ label: say.redo, keys: "Ctrl ⇧ Z", icon: Redo2, act: redo }] : []),
    { label: words.app.import, icon: FileInput, act: () => useView.getState().openDialog("import") },
    { label: words.app.export, icon: Download, act: () => useView.getState().openDialog("export") },
    { label: words.app.help, keys: "?", icon: CircleHelp, act: () => useView.getState().openDialog("shortcuts") },
  ];
  const query = text.trim().toLowerCase();
  return all.filter((command) => command.label.toLowerCase().includes(query));
}
