import { useQuery } from "@tanstack/react-query";
import { CircleHelp, Contrast, Download, Upload } from "lucide-react";
import { Tabs } from "radix-ui";
import type { ReactElement } from "react";

import { inUse, useConnection } from "../api/connection";
import { connectionsQuery } from "../api/queries";
import { Button, IconButton } from "../design/controls";
import { money } from "../design/numbers";
import { FlowMenu } from "../exchange/FlowMenu";
import { useSavingState } from "../exchange/saving";
import { useFlow } from "../flow/store";
import { remainingOf } from "../wizard/report";
import { useKeyTest } from "../wizard/useKeyTest";
import { words } from "../words";
import { isDark, useView, type Tab } from "./view";

const TABS: Tab[] = ["canvas", "runs", "connections"];
// The views are no panels of Radix, so the id that it would name is nowhere.
const NO_PANEL = { "aria-controls": undefined };

export function TopBar(): ReactElement {
  const view = useView();
  return (
    <header className="topbar">
      <div className="topbar-side">
        <img className="topbar-mark" src="./favicon.svg" alt="" />
        <FlowMenu />
        <Saved />
      </div>
      <Tabs.Root value={view.tab} onValueChange={(tab) => view.show(tab as Tab)} asChild>
        <Tabs.List className="topbar-tabs">
          {TABS.map((tab) => (
            <Tabs.Trigger key={tab} value={tab} className="topbar-tab" {...NO_PANEL}>
              {words.app[tab]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
      </Tabs.Root>
      <div className="topbar-side">
        <Button look="quiet" onClick={() => view.openDialog("import")} aria-label={words.app.import}>
          <Download /> <span>{words.app.import}</span>
        </Button>
        <Button look="quiet" onClick={() => view.openDialog("export")} aria-label={words.app.export}>
          <Upload /> <span>{words.app.export}</span>
        </Button>
        <span className="topbar-line" />
        <IconButton label={words.app.theme} onClick={() => view.setTheme(isDark(view.theme) ? "light" : "dark")}>
          <Contrast />
        </IconButton>
        <IconButton label={words.app.help} keys="?" onClick={() => view.openDialog("shortcuts")}>
          <CircleHelp />
        </IconButton>
        <ConnectionChip />
      </div>
    </header>
  );
}

function Saved(): ReactElement {
  const state = useFlow((state) => state.saved);
  const isStorageFull = useSavingState((state) => state.isStorageFull);
  const saved = state === "offline" && isStorageFull ? "unsaved" : state;
  const version = useFlow((state) => state.version);
  const isPast = useFlow((state) => state.shownRun !== null);
  return (
    <span className="topbar-saved" role="status">
      {isPast ? words.exchange.pastRun : words.app[saved]}
      {version !== null && ` · ${words.app.version(version)}`}
    </span>
  );
}

function ConnectionChip(): ReactElement {
  const { data: connections } = useQuery(connectionsQuery);
  const show = useView((view) => view.show);
  const openDialog = useView((view) => view.openDialog);
  const chosen = useConnection((state) => state.name);
  const current = inUse(connections ?? [], chosen);
  const { data: report } = useKeyTest(current?.name, current !== undefined && !current.problem && current.name !== "sandbox");
  const left = report?.ok ? remainingOf(report) : null;
  const isFine = current !== undefined && !current.problem && report?.ok !== false;
  return (
    <button type="button" className="topbar-connection" onClick={() => (current ? show("connections") : openDialog("wizard"))}>
      <span className={`topbar-dot ${isFine ? "" : "topbar-dot-warning"}`} aria-hidden />
      {current ? (current.name === "sandbox" ? words.app.sandbox : current.name) : words.app.noConnection}
      {left !== null && <span className="topbar-left">{words.wizard.left(money(left))}</span>}
    </button>
  );
}
