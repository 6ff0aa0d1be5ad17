// An edge: right-angled, with the name of the field that travels.

import type { EdgeProps } from "@xyflow/react";
import { memo, type ReactElement } from "react";

import { routeOf } from "./route";
import type { SceneEdge } from "./scene";
import { useStatus, type NodeStatus } from "./status";

const SHOWN = 22;

export const DataEdge = memo(function DataEdge({ data, sourceX, sourceY, targetX, targetY, selected }: EdgeProps<SceneEdge>): ReactElement | null {
  const status = useStatus(data?.reader ?? NOBODY);
  if (!data) return null;
  const { edge, from, to, lane } = data;
  // The lane is that of the layout; while an end is dragged it means nothing.
  const holds = Math.abs(targetY - to.y) < 8 && targetX > to.x && sourceY > from.y && sourceX > from.x;
  const route = routeOf({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, holds ? lane : undefined);
  const label = edge.label.length > SHOWN ? `${edge.label.slice(0, SHOWN)}…` : edge.label;
  return (
    <g className={`canvas-edge canvas-edge-${edge.kind} canvas-edge-${stateOf(status, edge.kind)} ${selected ? "canvas-edge-selected" : ""}`}>
      <path className="canvas-edge-hit" d={route.path} />
      <path className="canvas-edge-line" d={route.path} />
      {label && (
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
