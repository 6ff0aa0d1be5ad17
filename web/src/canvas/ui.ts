// What the canvas shows besides the flow: menus, what is drawn or dropped, and doors to the stage.

import { getViewportForBounds, type ReactFlowInstance, type Viewport } from "@xyflow/react";
import { create } from "zustand";

import type { Point } from "../flow/document";
import type { Place } from "../flow/tree";
import type { SceneEdge, SceneNode } from "./scene";

export interface AddMenu {
  mode: "add" | "group";
  /** Where the step comes; behind the selected one without it. */
  place?: Place;
  at?: Point;
  /** The step whose result the new one reads. */
  source?: string | undefined;
}

export interface DropTarget {
  /** The pane or the condition. */
  id: string;
  slot: string;
  index: number;
  /** Where the line is drawn, in the coordinates of the node. */
  y: number;
}

interface CanvasUi {
  menu: AddMenu | null;
  connect: { source: string; target: string; at: Point } | null;
  context: { id: string | null; at: Point } | null;
  drop: DropTarget | null;
  /** The edge onto which an action would be dropped. */
  dropEdge: string | null;
  /** The step from which an edge is drawn by keyboard. */
  drawing: string | null;
  tool: "select" | "pan";
  flyout: string | null;
  editingNote: string | null;
  guides: { x: number | null; y: number | null };
  isAnimated: boolean;
  /** Whether the whole flow is to be shown once it is drawn. */
  wantsFit: boolean;
  /** What was in sight when the canvas was last left. */
  viewport: Viewport;
  /** The words of the live region. */
  announced: string;
}

export const useCanvas = create<CanvasUi>()(() => ({
  menu: null,
  connect: null,
  context: null,
  drop: null,
  dropEdge: null,
  drawing: null,
  tool: "select",
  flyout: null,
  editingNote: null,
  guides: { x: null, y: null },
  isAnimated: false,
  wantsFit: false,
  viewport: { x: 0, y: 0, zoom: 1 },
  announced: "",
}));

/** The whole flow in sight, above the tools. */
const FIT = { padding: { top: "28px", right: "40px", bottom: "76px", left: "40px" }, maxZoom: 1 } as const;
/** The same beside the map, where a node would stand behind it. */
const BESIDE = { ...FIT, padding: { ...FIT.padding, right: "196px" } } as const;

let stage: ReactFlowInstance<SceneNode, SceneEdge> | null = null;

/** Show all nodes, or some by their ids: none is left behind the tools or the map. */
export async function zoomToFit(options: { duration?: number; ids?: Iterable<string> } = {}): Promise<void> {
  const { duration = 0, ids } = options;
  const wanted = ids && new Set(ids);
  const nodes = (stage?.getNodes() ?? []).filter((node) => wanted === undefined || wanted.has(node.id));
  if (!stage || nodes.length === 0) return;
  const frame = document.querySelector(".canvas-stage")?.getBoundingClientRect();
  const map = document.querySelector(".canvas-minimap")?.getBoundingClientRect();
  const view = frame && getViewportForBounds(stage.getNodesBounds(nodes), frame.width, frame.height, MIN_ZOOM, FIT.maxZoom, FIT.padding);
  const isBehindMap = (node: SceneNode): boolean => {
    const at = stage?.getInternalNode(node.id)?.internals.positionAbsolute;
    if (!view || !map || map.width === 0 || !at) return false;
    const [right, bottom] = [(at.x + (node.width ?? 0)) * view.zoom + view.x, (at.y + (node.height ?? 0)) * view.zoom + view.y];
    return right + frame.left > map.left - 8 && bottom + frame.top > map.top - 8;
  };
  const fit = nodes.some(isBehindMap) ? BESIDE : FIT;
  await stage.fitView({ ...fit, duration, ...(wanted ? { nodes: nodes.map(({ id }) => ({ id })) } : {}) });
}

/** Show all nodes once they are drawn: a flow that was just opened or pasted is drawn some frames later. */
export const fitWhenDrawn = (): void => useCanvas.setState({ wantsFit: true });

export const MIN_ZOOM = 0.06;

export const setStage = (instance: ReactFlowInstance<SceneNode, SceneEdge> | null): void => {
  stage = instance;
};
export const getStage = (): ReactFlowInstance<SceneNode, SceneEdge> | null => stage;

const SAY_MS = 1000;
let said = 0;
let later: ReturnType<typeof setTimeout> | undefined;

/** Tell a screen reader: at most one sentence a second, the last one wins. */
export function announce(text: string): void {
  clearTimeout(later);
  const wait = Math.max(0, said + SAY_MS - Date.now());
  later = setTimeout(() => {
    said = Date.now();
    useCanvas.setState({ announced: text });
  }, wait);
}
