// The canvas with what stands around it: palette, tools, map, menus.

import { ReactFlowProvider } from "@xyflow/react";
import { Suspense, type ReactElement } from "react";

import { later, useIsIdle } from "../app/later";
import { useView } from "../app/view";
import { ImportChoices } from "../exchange/ImportChoices";
import { useFlow } from "../flow/store";
import "./Canvas.css";
import { CommandMenu } from "./CommandMenu";
import { EmptyCanvas } from "./EmptyCanvas";
import { useKeyboard } from "./keyboard";
import { Palette, Rail } from "./Palette";
import { Announcer, SelectionBar } from "./SelectionBar";
import { Stage } from "./Stage";
import { Minimap, Tools } from "./Tools";

const Menus = later(async () => (await import("./Menus")).Menus);

export function CanvasView(): ReactElement {
  useKeyboard();
  const isIdle = useIsIdle();
  const isRailed = useView((view) => view.hasTwoColumns && view.isInspectorOpen);
  const isEmpty = useFlow((state) => state.flow.tasks.length === 0);
  return (
    <ReactFlowProvider>
      <div className={`canvas-view ${isRailed ? "is-railed" : ""}`}>
        <div className="canvas-frame">
          <Stage />
          {isEmpty ? (
            <EmptyCanvas />
          ) : (
            <>
              <Tools />
              <Minimap />
              <SelectionBar />
              <ImportChoices />
            </>
          )}
          <Announcer />
        </div>
        {/* At the left, and behind the canvas in the order of Tab. */}
        <div className="canvas-side">
          <Palette />
          <Rail />
        </div>
      </div>
      <CommandMenu />
      <Suspense>{isIdle && <Menus />}</Suspense>
    </ReactFlowProvider>
  );
}
