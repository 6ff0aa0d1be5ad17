import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useCallback, useEffect, type ReactElement } from "react";

import { useComponent } from "../api/component";
import { useHeartbeat } from "../api/server";
import { CanvasView } from "../canvas/CanvasView";
import { Button } from "../design/controls";
import { SaveNotice } from "../exchange/SaveNotice";
import { saveNow, useSaving } from "../exchange/saving";
import { useFileDrop } from "../exchange/useFileDrop";
import { useFlow } from "../flow/store";
import { Inspector } from "../inspector/Inspector";
import { RunBar } from "../runs/RunBar";
import { words } from "../words";
import "./App.css";
import { later, loadParts, useIsIdle } from "./later";
import { TopBar } from "./TopBar";
import { useView } from "./view";

const RunsView = later(async () => (await import("../runs/RunsView")).RunsView);
const ConnectionsView = later(async () => (await import("../wizard/ConnectionsView")).ConnectionsView);
const Dialogs = later(async () => (await import("./Dialogs")).Dialogs);

export function App(): ReactElement {
  const { data: component, isError, refetch } = useComponent();
  const tab = useView((view) => view.tab);
  const toast = useView((view) => view.toast);
  useSaving();
  useFileDrop();
  useReturn();
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
      <Rest />
      <div role="status" className={toast === null ? "sr-only" : "toast"}>
        {toast}
      </div>
    </div>
  );
}

/** After the server was gone: save what waits, and load again what could not be loaded. */
function useReturn(): void {
  const queries = useQueryClient();
  useHeartbeat(
    useCallback(() => {
      if (useFlow.getState().saved === "offline") void saveNow();
      void queries.invalidateQueries();
    }, [queries]),
  );
}

/** What is loaded once the first screen is there. */
function Rest(): ReactElement {
  const isIdle = useIsIdle();
  useEffect(() => {
    if (isIdle) void loadParts();
  }, [isIdle]);
  return <Suspense>{isIdle && <Dialogs />}</Suspense>;
}
