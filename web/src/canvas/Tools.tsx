// The tools that float over the canvas, and the map of the flow.

import { MiniMap, useReactFlow, useStore, type MiniMapNodeProps } from "@xyflow/react";
import { Hand, Maximize, Minus, MousePointer2, Network, Plus, Redo2, StickyNote, Undo2 } from "lucide-react";
import { memo, type ReactElement } from "react";

import { IconButton } from "../design/controls";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { addNote, redo, tidy, undo } from "./commands";
import { useRoving } from "./roving";
import { useScene } from "./scene";
import { useStatus } from "./status";
import { useCanvas, zoomToFit } from "./ui";

export function Tools(): ReactElement {
  const tool = useCanvas((canvas) => canvas.tool);
  const canUndo = useFlow((state) => state.past.length > 0);
  const canRedo = useFlow((state) => state.future.length > 0);
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  const stage = useReactFlow();
  const roving = useRoving<HTMLDivElement>();
  const say = words.canvas;
  return (
    <div className="canvas-tools" role="toolbar" aria-label={say.tools} {...roving}>
      <IconButton label={say.select} aria-pressed={tool === "select"} onClick={() => useCanvas.setState({ tool: "select" })}>
        <MousePointer2 />
      </IconButton>
      <IconButton label={say.pan} keys="Space" aria-pressed={tool === "pan"} onClick={() => useCanvas.setState({ tool: "pan" })}>
        <Hand />
      </IconButton>
      <IconButton label={say.note} keys="N" onClick={() => addNote()}>
        <StickyNote />
      </IconButton>
      <IconButton label={say.tidy} keys="Shift-L" onClick={tidy}>
        <Network />
      </IconButton>
      <i />
      <IconButton label={say.undo} keys="Ctrl-Z" disabled={!canUndo} onClick={undo}>
        <Undo2 />
      </IconButton>
      <IconButton label={say.redo} keys="Ctrl-Shift-Z" disabled={!canRedo} onClick={redo}>
        <Redo2 />
      </IconButton>
      <i />
      <IconButton label={say.zoomOut} onClick={() => void stage.zoomOut({ duration: 120 })}>
        <Minus />
      </IconButton>
      <button type="button" className="canvas-zoom" aria-label={say.zoomReset} onClick={() => void stage.zoomTo(1, { duration: 160 })}>
        {zoom}%
      </button>
      <IconButton label={say.zoomIn} onClick={() => void stage.zoomIn({ duration: 120 })}>
        <Plus />
      </IconButton>
      <IconButton label={say.fit} keys="1" onClick={() => void zoomToFit({ duration: 200 })}>
        <Maximize />
      </IconButton>
    </div>
  );
}

export function Minimap(): ReactElement {
  return <MiniMap className="canvas-minimap" pannable zoomable ariaLabel={words.canvas.map} nodeComponent={MapNode} offsetScale={4} style={MAP_SIZE} />;
}

const MAP_SIZE = { width: 168, height: 141 };

const MapNode = memo(function MapNode({ id, x, y, width, height }: MiniMapNodeProps): ReactElement | null {
  const node = useScene((scene) => scene.byId.get(id));
  const status = useStatus(node ?? NOBODY);
  if (!node) return null;
  const look = node.kind === "pane" ? "pane" : status;
  return <rect className={`canvas-map canvas-map-${look}`} x={x} y={y} width={width} height={height} rx={14} />;
});

const NOBODY = { id: "", around: [], within: [] };
