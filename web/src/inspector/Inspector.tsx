// The panel at the right: the selected step, or the flow itself.

import { Suspense, useEffect, useRef, type KeyboardEvent, type PointerEvent, type ReactElement } from "react";

import { later } from "../app/later";
import { useView } from "../app/view";
import { useOneStep } from "../runs/oneStep";
import { words } from "../words";
import "./Inspector.css";
import { useSelected } from "./useStep";

const FlowInspector = later(async () => (await import("./FlowInspector")).FlowInspector);
const StepInspector = later(async () => (await import("./StepInspector")).StepInspector);
const SampleDialog = later(async () => (await import("./SampleDialog")).SampleDialog);

const [MIN, MAX, STEP] = [320, 560, 16];
const TWO_COLUMNS = 916;
const limited = (width: number): number => Math.min(MAX, Math.max(MIN, Math.round(width)));

export function Inspector(): ReactElement {
  const { name, count } = useSelected();
  const { inspectorWidth, hasTwoColumns, isInspectorOpen, setInspector } = useView();
  const isAsked = useOneStep((state) => state.asked !== null);
  useKeys();
  useDrawer();
  const samples = <Suspense>{isAsked && <SampleDialog />}</Suspense>;
  if (!isInspectorOpen) return samples;
  const isWide = hasTwoColumns && name !== undefined;
  return (
    <aside className="inspector" aria-label={words.inspector.title} data-step={name} data-wide={isWide || undefined} style={{ width: isWide ? TWO_COLUMNS : inspectorWidth }} onKeyDown={toCanvas}>
      {!isWide && <Handle width={inspectorWidth} onChange={(width) => setInspector({ inspectorWidth: limited(width) })} />}
      <Suspense>
        {name !== undefined ? <StepInspector key={name} name={name} isWide={isWide} /> : count > 1 ? <p className="inspector-many">{words.inspector.several(count)}</p> : <FlowInspector />}
      </Suspense>
      {samples}
    </aside>
  );
}

/** Esc goes back to the canvas; in a list or a dialog that the inspector opened it closes that. */
function toCanvas(event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.defaultPrevented || !event.currentTarget.contains(event.target as Element)) return;
  event.preventDefault();
  document.querySelector<HTMLElement>(".canvas-stage")?.focus();
}

function Handle({ width, onChange }: { width: number; onChange: (width: number) => void }): ReactElement {
  const start = useRef<{ x: number; width: number } | null>(null);
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(width + by);
  };
  const move = (event: PointerEvent): void => {
    if (start.current) onChange(start.current.width + start.current.x - event.clientX);
  };
  return (
    <div
      className="inspector-handle"
      role="separator"
      aria-orientation="vertical"
      aria-label={words.inspector.resize}
      aria-valuenow={width}
      aria-valuemin={MIN}
      aria-valuemax={MAX}
      tabIndex={0}
      onKeyDown={keys}
      onDoubleClick={() => onChange(352)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={move}
      onPointerUp={() => (start.current = null)}
    />
  );
}

/** Ctrl-. puts form and output side by side. */
function useKeys(): void {
  useEffect(() => {
    const pressed = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== "." || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      const { hasTwoColumns, setInspector } = useView.getState();
      setInspector({ hasTwoColumns: !hasTwoColumns, isInspectorOpen: true });
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

/** In a narrow window the inspector is a drawer over the canvas: closed at first, and when the window gets narrow. */
function useDrawer(): void {
  useEffect(() => {
    const narrow = matchMedia("(max-width: 900px)");
    const close = (): void => {
      if (narrow.matches) useView.getState().setInspector({ isInspectorOpen: false });
    };
    close();
    narrow.addEventListener("change", close);
    return () => narrow.removeEventListener("change", close);
  }, []);
}
