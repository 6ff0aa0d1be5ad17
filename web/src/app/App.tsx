import { lazy, Suspense, type ReactElement } from "react";

import { useComponent } from "../api/component";
import { CanvasView } from "../canvas/CanvasView";
import { Button } from "../design/controls";
import { SaveNotice } from "../exchange/SaveNotice";
import { useSaving } from "../exchange/saving";
import { useFileDrop } from "../exchange/useFileDrop";
import { Inspector } from "../inspector/Inspector";
import { RunBar } from "../runs/RunBar";
import { words } from "../words";
import "./App.css";
import { TopBar } from "./TopBar";
import { useView } from "./view";

// What is not on the screen at first is loaded after it.
const RunsView = lazy(async () => ({ default: (await import("../runs/RunsView")).RunsView }));
const ConnectionsView = lazy(async () => ({ default: (await import("../wizard/ConnectionsView")).ConnectionsView }));
const Dialogs = lazy(async () => ({ default: (await import("./Dialogs")).Dialogs }));

export function App(): ReactElement {
  const { data: component, isError, refetch } = useComponent();
  const tab = useView((view) => view.tab);
  const toast = useView((view) => view.toast);
  useSaving();
  useFileDrop();
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
      <Suspense fallback={<main aria-busy />}>
        {tab === "runs" && <RunsView />}
        {tab === "connections" && <ConnectionsView />}
      </Suspense>
      <SaveNotice />
      <Suspense>
        <Dialogs />
      </Suspense>
      <div role="status" className={toast === null ? "sr-only" : "toast"}>
        {toast}
      </div>
    </div>
  );
}
