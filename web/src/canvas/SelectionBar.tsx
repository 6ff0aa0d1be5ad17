// What can be done with several selected steps, and the words for screen readers.

import { useStore, type ReactFlowState } from "@xyflow/react";
import { CopyPlus, SquareDashed, Trash2 } from "lucide-react";
import type { ReactElement } from "react";

import { IconButton } from "../design/controls";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { duplicateSelected, removeSelected } from "./commands";
import { useCanvas } from "./ui";

export function SelectionBar(): ReactElement | null {
  const count = useFlow((state) => state.selected.size);
  const at = useStore((state) => (count < 2 ? "" : placeAbove(state).join()));
  if (count < 2) return null;
  const [left, top] = at.split(",").map(Number);
  const say = words.canvas;
  return (
    <div className="canvas-selection" style={{ left, top }} role="toolbar" aria-label={say.selection(count)}>
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

const [HEIGHT, HALF, EDGE] = [34, 110, 10];

/** In the middle above the selected nodes, as far as that is in sight. */
function placeAbove({ nodes, nodeLookup, transform: [x, y, zoom], width }: ReactFlowState): [left: number, top: number] {
  const boxes = nodes.flatMap((node) => (node.selected ? (nodeLookup.get(node.id) ?? []) : []));
  const left = Math.min(...boxes.map((node) => node.internals.positionAbsolute.x));
  const right = Math.max(...boxes.map((node) => node.internals.positionAbsolute.x + (node.width ?? 0)));
  const top = Math.min(...boxes.map((node) => node.internals.positionAbsolute.y));
  if (boxes.length === 0) return [width / 2, EDGE];
  const middle = ((left + right) / 2) * zoom + x;
  return [Math.round(Math.min(width - HALF - EDGE, Math.max(HALF + EDGE, middle))), Math.round(Math.max(EDGE, top * zoom + y - HEIGHT - EDGE))];
}

export function Announcer(): ReactElement {
  const announced = useCanvas((canvas) => canvas.announced);
  return (
    <div className="sr-only" role="status" aria-live="polite">
      {announced}
    </div>
  );
}
