// All connections, and the wizard that makes one.

import { useQuery } from "@tanstack/react-query";
import { Lock, Plus } from "lucide-react";
import type { ReactElement } from "react";

import { inUse, useConnection } from "../api/connection";
import { connectionsQuery } from "../api/queries";
import { useView } from "../app/view";
import { Button } from "../design/controls";
import { words } from "../words";
import "./Connections.css";
import { ConnectionCard } from "./ConnectionCard";
import { useWizard } from "./store";
import { WizardCard } from "./WizardCard";

export function ConnectionsView(): ReactElement {
  const { data: connections, isError } = useQuery({ ...connectionsQuery, refetchOnMount: "always" });
  const isOpen = useView((view) => view.dialog === "wizard");
  const openDialog = useView((view) => view.openDialog);
  const target = useWizard((state) => state.target);
  const chosen = useConnection((state) => state.name);
  const used = inUse(connections ?? [], chosen);
  const hasStored = connections?.some((one) => !one.readOnly) ?? true;
  const isShown = isOpen || !hasStored;
  return (
    <main className={`connections ${isShown ? "" : "connections-alone"}`}>
      <section className="connections-list" aria-label={words.app.connections}>
        <header>
          <h1>{words.app.connections}</h1>
          <Button
            onClick={() => {
              useWizard.getState().begin("consent");
              openDialog("wizard");
            }}
          >
            <Plus /> {words.wizard.new}
          </Button>
        </header>
        {isError && <p className="connections-empty">{words.app.serverGone}</p>}
        {connections?.length === 0 && <p className="connections-empty">{words.wizard.none}</p>}
        <ul>
          {connections?.map((one) => (
            <li key={one.name}>
              <ConnectionCard connection={one} isUsed={one === used} />
            </li>
          ))}
        </ul>
        <p className="connections-safe">
          <Lock aria-hidden /> {words.wizard.safe}
        </p>
      </section>
      {isShown && <WizardCard key={target ?? ""} onClose={() => openDialog(null)} />}
    </main>
  );
}
