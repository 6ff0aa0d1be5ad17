// An edge: right-angled, with the name of the field that travels.

import type { EdgeProps } from "@xyflow/react";
import { memo, type ReactElement } from "react";

import { routeOf } from "./route";
import type { SceneEdge } from "./scene";
import { useStatus, type NodeStatus } from "./status";
import { useCanvas } from "./ui";

const SHOWN = 22;

export const DataEdge = memo(function DataEdge({ id, data, sourceX, sourceY, targetX, targetY, selected }: EdgeProps<SceneEdge>): ReactElement | null {
  const status = useStatus(data?.reader ?? NOBODY);
  const isDrop = useCanvas((canvas) => canvas.dropEdge === id);
  if (!data) return null;
  const { edge, from, to, lane } = data;
  // The lane is that of the layout; while an end is dragged it means nothing.
  const holds = Math.abs(targetY - to.y) < 8 && targetX > to.x && sourceY > from.y && sourceX > from.x;
  const route = routeOf({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, holds ? lane : undefined);
  const label = edge.label.length > SHOWN ? `${edge.label.slice(0, SHOWN)}…` : edge.label;
  return (
    <g className={`canvas-edge canvas-edge-${edge.kind} canvas-edge-${stateOf(status, edge.kind)} ${selected || isDrop ? "canvas-edge-selected" : ""}`}>
      <path className="canvas-edge-hit" d={route.path} />
      <path className="canvas-edge-line" d={route.path} />
      {isDrop && <path className="canvas-edge-drop" d="M-11 0a11 11 0 1 0 22 0a11 11 0 1 0 -22 0M-5 0H5M0 -5V5" transform={`translate(${route.label.x} ${route.label.y})`} />}
      {label && !isDrop && (
        <text className="canvas-edge-label" x={route.label.x} y={route.label.y} dy="0.34em" textAnchor="middle">
          {label}
        </text>
      )}
    </g>
  );
});

const NOBODY = { id: "", around: [], within: [] };

const stateOf = (status: NodeStatus, kind: string): NodeStatus =>
  kind === "order" && status !== "skipped" ? "idle" : status;
