// The stage: the flow as nodes and edges, with what a person does to them by mouse.

import { Background, BackgroundVariant, ReactFlow, SelectionMode, useReactFlow, useStore, ViewportPortal, type Connection, type FinalConnectionState, type NodeTypes } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { useEffect, useLayoutEffect, useState, type DragEvent, type ReactElement } from "react";

import { useComponent } from "../api/component";
import { useIsIdle, whenIdle } from "../app/later";
import { useView } from "../app/view";
import { useFlowCheck } from "../flow/check";
import { notesOf, type FlowDocument, type Point } from "../flow/document";
import { useFlow } from "../flow/store";
import { listAt, nameOf, type Place } from "../flow/tree";
import { words } from "../words";
import { afterDragging, onEdgesChange, onNodesChange, whileDragging } from "./changes";
import { add, setKnown } from "./commands";
import { DataEdge } from "./DataEdge";
import { dropAt } from "./drop";
import { addOnEdge, edgeAt } from "./onEdge";
import { draggedKind, endDrag } from "./palette";
import { keepCheck } from "./problems";
import { PaneNode } from "./PaneNode";
import { clearScene, drawFlow, isLayoutLoaded, loadLayout, markSelected, useScene, type SceneEdge, type SceneNode } from "./scene";
import { InputNode, NoteNode, OutputNode } from "./SmallNodes";
import { StepNode } from "./StepNode";
import { type DropTarget, getStage, MIN_ZOOM, setStage, useCanvas, zoomToFit } from "./ui";

const NODES: NodeTypes = { step: StepNode, condition: StepNode, pane: PaneNode, start: InputNode, end: OutputNode, note: NoteNode };
const EDGES = { data: DataEdge };
const MIDDLE = [1];
/** To arrange more steps takes longer than a frame: what a key or a click does elsewhere is painted before. */
const MANY = 60;
const MOST_MS = 150;

export function Stage(): ReactElement {
  const nodes = useScene((scene) => scene.nodes);
  const edges = useScene((scene) => scene.edges);
  const tool = useCanvas((canvas) => canvas.tool);
  const isAnimated = useCanvas((canvas) => canvas.isAnimated);
  // Under 60 % a node shows its title alone, under 35 % its icon and state.
  const zoom = useStore((state) => (state.transform[2] < 0.35 ? "far" : state.transform[2] < 0.6 ? "middle" : "near"));
  const isFarthest = useStore((state) => state.transform[2] < 0.2);
  const current = useFlow((state) => [...state.selected].at(-1));
  return (
    <ReactFlow<SceneNode, SceneEdge>
      className={`canvas-stage ${isAnimated ? "canvas-stage-animated" : ""}`}
      data-zoom={zoom}
      data-distance={isFarthest ? "farthest" : undefined}
      role="application"
      tabIndex={0}
      aria-label={words.canvas.stage}
      aria-description={words.canvas.stageHelp}
      {...(current === undefined ? {} : { "aria-activedescendant": `node-${current}` })}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODES}
      edgeTypes={EDGES}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      defaultViewport={useCanvas.getState().viewport}
      onNodeDrag={(event, _, dragged) => whileDragging(pointOf(event), dragged)}
      onNodeDragStop={(event, _, dragged) => afterDragging(pointOf(event), dragged)}
      onSelectionDrag={(event, dragged) => whileDragging(pointOf(event), dragged)}
      onSelectionDragStop={(event, dragged) => afterDragging(pointOf(event), dragged)}
      onNodeClick={(event, node) => pickOne(event, node.id)}
      onNodeDoubleClick={() => useView.getState().setInspector({ isInspectorOpen: true })}
      onConnect={openFields}
      onConnectEnd={addAtEnd}
      onNodeContextMenu={(event, node) => openContext(event, node.id)}
      onEdgeContextMenu={(event, edge) => openContext(event, edge.id)}
      onPaneContextMenu={(event) => openContext(event, null)}
      onDragOver={overStage}
      onDragLeave={leaveStage}
      onDrop={dropOnStage}
      nodesFocusable={false}
      edgesFocusable={false}
      disableKeyboardA11y
      deleteKeyCode={null}
      multiSelectionKeyCode={MULTI}
      selectionKeyCode={tool === "select" ? null : "Shift"}
      panActivationKeyCode="Space"
      selectionOnDrag={tool === "select"}
      panOnDrag={tool === "select" ? MIDDLE : true}
      selectionMode={SelectionMode.Partial}
      nodeDragThreshold={3}
      connectionRadius={30}
      elevateNodesOnSelect={false}
      onlyRenderVisibleElements
      minZoom={MIN_ZOOM}
      maxZoom={2}
      noWheelClassName="nowheel"
      proOptions={PRO}
    >
      <Background id="dots" variant={BackgroundVariant.Dots} gap={20} size={1.8} />
      <Background id="crosses" className="canvas-crosses" variant={BackgroundVariant.Cross} gap={100} size={7} lineWidth={1.2} />
      <Guides />
      <Door />
      <Drawing />
      <Fitting />
    </ReactFlow>
  );
}

const PRO = { hideAttribution: true };
const MULTI = ["Shift", "Meta", "Control"];

/** Opens the stage to the rest of the page; what is in sight stays so while another page is open. */
function Door(): null {
  const stage = useReactFlow<SceneNode, SceneEdge>();
  // Before React Flow forgets all, which it does in an effect.
  useLayoutEffect(() => {
    setStage(stage);
    return () => {
      useCanvas.setState({ viewport: stage.getViewport() });
      setStage(null);
    };
  }, [stage]);
  return null;
}

let lastDrawn: FlowDocument | undefined;

/** Draws the flow whenever it, the definition, the check or the selection changes. */
function Drawing(): null {
  const { data: component } = useComponent();
  const check = useFlowCheck();
  const flow = useFlow((state) => state.flow);
  const selected = useFlow((state) => state.selected);
  const isReady = useLayout(flow);
  useEffect(() => {
    setKnown({ component, check });
    keepCheck(check);
  }, [component, check]);
  useEffect(() => {
    // Another flow without a past was just opened: it is drawn at its own place, and shown whole.
    const isOpened = flow !== lastDrawn && useFlow.getState().past.length === 0 && useFlow.getState().future.length === 0;
    if (isOpened) clearScene();
    if (!isReady) return undefined;
    const draw = (): void => {
      lastDrawn = flow;
      drawFlow(flow, component);
      markSelected(useFlow.getState().selected);
      // The first step of an empty flow does not move the view.
      if (isOpened) useCanvas.setState({ wantsFit: useScene.getState().nodes.length > 0 });
    };
    if (flow.tasks.length > MANY) return whenIdle(draw, MOST_MS);
    draw();
    return undefined;
  }, [flow, component, isReady]);
  useEffect(() => markSelected(selected), [selected]);
  return null;
}

/** Shows the whole flow, where that is wanted, as soon as React Flow holds what is drawn. */
function Fitting(): null {
  const wantsFit = useCanvas((canvas) => canvas.wantsFit);
  const nodes = useScene((scene) => scene.nodes);
  const isHeld = useStore((state) => state.nodes === nodes);
  const { viewportInitialized } = useReactFlow();
  useEffect(() => {
    if (!wantsFit || !isHeld || !viewportInitialized || nodes.length === 0) return;
    useCanvas.setState({ wantsFit: false });
    void zoomToFit();
  }, [wantsFit, isHeld, viewportInitialized, nodes]);
  return null;
}

/** Whether the layout is loaded: at once for a flow that holds anything, else when the browser is idle. */
function useLayout(flow: FlowDocument): boolean {
  const [isReady, setIsReady] = useState(isLayoutLoaded);
  const isIdle = useIsIdle();
  const isNeeded = isIdle || flow.tasks.length > 0 || (flow.inputs ?? []).length > 0 || notesOf(flow).length > 0;
  useEffect(() => {
    if (isNeeded) void loadLayout().then(() => setIsReady(true));
  }, [isNeeded]);
  return isReady;
}

function Guides(): ReactElement | null {
  const { x, y } = useCanvas((canvas) => canvas.guides);
  if (x === null && y === null) return null;
  return (
    <ViewportPortal>
      {x !== null && <i className="canvas-guide canvas-guide-x" style={{ left: x }} />}
      {y !== null && <i className="canvas-guide canvas-guide-y" style={{ top: y }} />}
    </ViewportPortal>
  );
}

/** A plain click on one of several selected nodes selects that one. */
function pickOne(event: React.MouseEvent, id: string): void {
  if (event.shiftKey || event.metaKey || event.ctrlKey || useFlow.getState().selected.size < 2) return;
  useFlow.getState().select([id]);
}

function pointOf(event: MouseEvent | TouchEvent | React.MouseEvent | React.TouchEvent): Point {
  const at = "clientX" in event ? event : (event.changedTouches[0] ?? { clientX: 0, clientY: 0 });
  return getStage()?.screenToFlowPosition({ x: at.clientX, y: at.clientY }) ?? { x: 0, y: 0 };
}

function openFields({ source, target, sourceHandle }: Connection): void {
  if (sourceHandle?.startsWith("case")) return;
  const at = getStage()?.flowToScreenPosition(getStage()?.getInternalNode(target)?.internals.positionAbsolute ?? { x: 0, y: 0 });
  useCanvas.setState({ connect: { source, target, at: at ?? { x: 0, y: 0 } } });
}

/** An edge that ends on the bare canvas asks for the step that it leads to. */
function addAtEnd(event: MouseEvent | TouchEvent, state: FinalConnectionState): void {
  const from = state.fromNode?.id;
  if (state.toNode || from === undefined || state.fromHandle?.type !== "source") return;
  const at = pointOf(event);
  const slot = state.fromHandle.id ?? "out";
  const name = nameOf(from);
  useCanvas.setState({ menu: { mode: "add", ...placeFor(from, slot), at: { x: at.x - 120, y: at.y }, source: slot === "out" ? name : undefined } });
}

/** The end of the list that a port of a condition leads to. */
function placeFor(id: string, slot: string): { place?: Place } {
  if (slot === "out") return {};
  const inside = useScene.getState().graph.nodes.filter((node) => node.within.at(-1)?.join() === `${id},${slot}`);
  return { place: { container: id, slot, index: inside.length } };
}

function openContext(event: MouseEvent | React.MouseEvent, id: string | null): void {
  event.preventDefault();
  if (id !== null && !id.includes(">") && !useFlow.getState().selected.has(id)) useFlow.getState().select([id]);
  useCanvas.setState({ context: { id, at: { x: event.clientX, y: event.clientY } } });
}

/** The step that stands before a place, if one does: the new step reads it. */
function stepBefore(drop: DropTarget): string | null {
  const before = listAt(useFlow.getState().flow, { container: drop.id, slot: drop.slot, index: 0 })[drop.index - 1];
  return before?.name ?? null;
}

function overStage(event: DragEvent): void {
  event.preventDefault();
  if (draggedKind() === undefined) return;
  const at = pointOf(event);
  const dropEdge = edgeAt(at)?.id ?? null;
  const drop = dropEdge === null ? (dropAt(at) ?? null) : null;
  const old = useCanvas.getState();
  if (dropEdge !== old.dropEdge || JSON.stringify(drop) !== JSON.stringify(old.drop)) useCanvas.setState({ drop, dropEdge });
}

/** Going from one node to another one on the stage does not leave it. */
function leaveStage(event: DragEvent): void {
  if (!event.currentTarget.contains(event.relatedTarget as Node | null)) useCanvas.setState({ drop: null, dropEdge: null });
}

function dropOnStage(event: DragEvent): void {
  event.preventDefault();
  const kind = draggedKind();
  endDrag();
  useCanvas.setState({ drop: null, dropEdge: null });
  if (kind === undefined) {
    const [file] = event.dataTransfer.files;
    if (file) void file.text().then((text) => useView.getState().openDialog("import", text));
    return;
  }
  const at = pointOf(event);
  const edge = edgeAt(at);
  const drop = dropAt(at);
  if (edge) addOnEdge(kind, edge, at);
  else if (drop) add(kind, { place: { container: drop.id, slot: drop.slot, index: drop.index }, at, source: stepBefore(drop) });
  else add(kind, { source: null, at: { x: Math.round((at.x - 120) / 10) * 10, y: Math.round((at.y - 23) / 10) * 10 } });
}
