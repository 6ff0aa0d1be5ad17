import type { ReactElement } from "react";

import { useComponent } from "../api/component";
import { CanvasView } from "../canvas/CanvasView";
import { Button } from "../design/controls";
import { ExportDialog } from "../exchange/ExportDialog";
import { ImportDialog } from "../exchange/ImportDialog";
import { useSaving } from "../exchange/saving";
import { Inspector } from "../inspector/Inspector";
import { RunBar } from "../runs/RunBar";
import { RunsView } from "../runs/RunsView";
import { ConnectionsView } from "../wizard/ConnectionsView";
import { Wizard } from "../wizard/Wizard";
import { words } from "../words";
import "./App.css";
import { TopBar } from "./TopBar";
import { useView } from "./view";

export function App(): ReactElement {
  const { data: component, isError, refetch } = useComponent();
  const tab = useView((view) => view.tab);
  const toast = useView((view) => view.toast);
  useSaving();
  if (!component)
    return (
      <main className="app-wait" aria-busy={!isError}>
        {isError ? words.app.serverGone : words.app.loading}
        {isError && <Button onClick={() => void refetch()}>{words.app.retry}</Button>}
      </main>
    );
  return (
    <div className="app">
      <TopBar />
      {tab === "canvas" && (
        <main className="app-canvas">
          <CanvasView />
          <RunBar />
          <Inspector />
        </main>
      )}
      {tab === "runs" && <RunsView />}
      {tab === "connections" && <ConnectionsView />}
      <ImportDialog />
      <ExportDialog />
      <Wizard />
      <div role="status" className={toast === null ? "sr-only" : "toast"}>
        {toast}
      </div>
    </div>
  );
}
