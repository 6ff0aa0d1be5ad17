// The name of the open flow, and what can be done with flows.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, Copy, FolderOpen, History, Pencil, Plus, Trash2 } from "lucide-react";
import { useState, type ReactElement } from "react";

import { flowsQuery } from "../api/queries";
import { useView } from "../app/view";
import { Menu, MenuItem, MenuLine } from "../design/controls";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { DeleteFlow } from "./DeleteFlow";
import "./exchange.css";
import { FlowList } from "./FlowList";
import { FlowName } from "./FlowName";
import { openEmpty, openFlow, openNew } from "./opening";
import { Versions } from "./Versions";

const RECENT = 6;

type Open = "name" | "versions" | "delete" | null;

export function FlowMenu(): ReactElement {
  const label = useFlow((state) => state.flow.label) || words.app.untitled;
  const id = useFlow((state) => state.id);
  const { data: flows } = useQuery(flowsQuery);
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const dialog = useView((view) => view.dialog);
  const openDialog = useView((view) => view.openDialog);
  const recent = (flows ?? []).filter((one) => one.id !== id && one.problem === null).slice(0, RECENT);
  const trigger = (
    <button
      type="button"
      className="topbar-flow"
      aria-label={words.exchange.flowMenu(label)}
      onPointerDown={() => void queries.invalidateQueries(flowsQuery)}
    >
      <span>{label}</span>
      <ChevronDown className="exchange-chevron" aria-hidden />
    </button>
  );
  return (
    <>
      <Menu trigger={trigger}>
        <MenuItem icon={<Pencil />} onSelect={() => setOpen("name")}>
          {words.exchange.rename}
        </MenuItem>
        <MenuItem icon={<Copy />} onSelect={duplicate}>
          {words.exchange.duplicate}
        </MenuItem>
        <MenuItem icon={<History />} onSelect={() => setOpen("versions")}>
          {words.exchange.versions}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Plus />} onSelect={() => void openEmpty()}>
          {words.app.newFlow}
        </MenuItem>
        {recent.map((one) => (
          <MenuItem key={one.id} icon={<span className="exchange-gap" />} onSelect={() => void openFlow(one.id)}>
            <span className="exchange-recent">{one.label || words.app.untitled}</span>
          </MenuItem>
        ))}
        <MenuItem icon={<FolderOpen />} onSelect={() => openDialog("flow")}>
          {words.exchange.allFlows}
        </MenuItem>
        {id !== null && (
          <>
            <MenuLine />
            <MenuItem icon={<Trash2 />} isDangerous onSelect={() => setOpen("delete")}>
              {words.exchange.deleteFlow}
            </MenuItem>
          </>
        )}
      </Menu>
      {open === "name" && <FlowName onClose={() => setOpen(null)} />}
      {open === "versions" && <Versions onClose={() => setOpen(null)} />}
      {open === "delete" && <DeleteFlow onClose={() => setOpen(null)} />}
      {dialog === "flow" && <FlowList onClose={() => openDialog(null)} />}
    </>
  );
}

function duplicate(): void {
  const { flow } = useFlow.getState();
  openNew({ ...flow, label: words.exchange.copyOf(flow.label || words.app.untitled) }, true);
}
