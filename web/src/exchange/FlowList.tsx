import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useState, type ReactElement } from "react";

import { flowsQuery } from "../api/queries";
import { Dialog } from "../design/controls";
import { dateTime } from "../design/numbers";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { newDrafts } from "./drafts";
import { openDraft, openFlow } from "./opening";
import { useSavingState } from "./saving";

export function FlowList({ onClose }: { onClose: () => void }): ReactElement {
  const { data: flows, isError } = useQuery({ ...flowsQuery, refetchOnMount: "always" });
  const current = useFlow((state) => state.id);
  const [search, setSearch] = useState("");
  const found = (flows ?? []).filter((one) => one.label.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <Dialog title={words.exchange.flows} isOpen onClose={onClose} width={560}>
      <label className="exchange-search">
        <Search aria-hidden />
        <input autoFocus value={search} placeholder={words.exchange.findFlow} aria-label={words.exchange.findFlow} onChange={(event) => setSearch(event.target.value)} />
      </label>
      {isError && <p className="exchange-problem">{words.app.serverGone}</p>}
      {flows && found.length === 0 && (
        <p className="exchange-empty">{flows.length === 0 ? words.exchange.noFlows : words.exchange.noFlowFound}</p>
      )}
      <Drafts onClose={onClose} />
      <ul className="exchange-list">
        {found.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className="exchange-row"
              disabled={one.problem !== null}
              aria-current={one.id === current}
              onClick={() => {
                onClose();
                if (one.id !== current) void openFlow(one.id);
              }}
            >
              <b>{one.label || words.app.untitled}</b>
              <span>{one.problem ?? (one.id === current ? words.exchange.current : "")}</span>
              <span className="mono">{words.app.version(one.version)}</span>
              <span className="mono">{dateTime(one.saved)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** New flows that the server does not have yet. */
function Drafts({ onClose }: { onClose: () => void }): ReactElement | null {
  const open = useSavingState((state) => state.draft);
  const [drafts] = useState(newDrafts);
  const others = drafts.filter((one) => one.name !== open);
  if (others.length === 0) return null;
  return (
    <ul className="exchange-list" aria-label={words.app.offline}>
      {others.map((one) => (
        <li key={one.name}>
          <button
            type="button"
            className="exchange-row"
            onClick={() => {
              onClose();
              openDraft(one);
            }}
          >
            <b>{one.flow.label || words.app.untitled}</b>
            <span>{words.app.offline}</span>
            <span />
            <span className="mono">{dateTime(one.at)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
