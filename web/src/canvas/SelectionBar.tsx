// What can be done with several selected steps, and the words for screen readers.

import { CopyPlus, SquareDashed, Trash2 } from "lucide-react";
import type { ReactElement } from "react";

import { IconButton } from "../design/controls";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { duplicateSelected, removeSelected } from "./commands";
import { useCanvas } from "./ui";

export function SelectionBar(): ReactElement | null {
  const count = useFlow((state) => state.selected.size);
  if (count < 2) return null;
  const say = words.canvas;
  return (
    <div className="canvas-selection" role="toolbar" aria-label={say.selection(count)}>
      <span>{say.selection(count)}</span>
      <IconButton label={say.group} keys="G" onClick={() => useCanvas.setState({ menu: { mode: "group" } })}>
        <SquareDashed />
      </IconButton>
      <IconButton label={say.duplicate} keys="Ctrl-D" onClick={duplicateSelected}>
        <CopyPlus />
      </IconButton>
      <IconButton label={say.remove} keys="Del" onClick={removeSelected}>
        <Trash2 />
      </IconButton>
    </div>
  );
}

export function Announcer(): ReactElement {
  const announced = useCanvas((canvas) => canvas.announced);
  return (
    <div className="sr-only" role="status" aria-live="polite">
      {announced}
    </div>
  );
}
