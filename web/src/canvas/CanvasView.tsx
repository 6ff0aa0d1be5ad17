// The canvas with what stands around it: palette, tools, map, menus.

import { ReactFlowProvider } from "@xyflow/react";
import type { ReactElement } from "react";

import { useView } from "../app/view";
import { useFlow } from "../flow/store";
import "./Canvas.css";
import { Palette, Rail } from "./Palette";
import { Stage } from "./Stage";
import { Minimap, Tools } from "./Tools";

export function CanvasView(): ReactElement {
  const isRailed = useView((view) => view.hasTwoColumns && view.isInspectorOpen);
  const isEmpty = useFlow((state) => state.flow.tasks.length === 0);
  return (
    <ReactFlowProvider>
      <div className={`canvas-view ${isRailed ? "is-railed" : ""}`}>
        <div className="canvas-side">
          <Palette />
          <Rail />
        </div>
        <div className="canvas-frame">
          <Stage />
          {!isEmpty && (
            <>
              <Tools />
              <Minimap />
            </>
          )}
        </div>
      </div>
    </ReactFlowProvider>
  );
}
