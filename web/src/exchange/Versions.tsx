// The versions of the open flow. An old one opens as a change of the open flow, so that undo takes it back.

import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { Button, Dialog } from "../design/controls";
import { bytes, dateTime } from "../design/numbers";
import { useFlow } from "../flow/store";
import { words } from "../words";
import type { StoredFlow } from "./saving";

export function Versions({ onClose }: { onClose: () => void }): ReactElement {
  const id = useFlow((state) => state.id);
  const current = useFlow((state) => state.version);
  const label = useFlow((state) => state.flow.label) || words.app.untitled;
  const path = `/api/flows/${encodeURIComponent(id ?? "")}/versions`;
  const { data: versions, isError } = useQuery({
    queryKey: ["versions", id, current],
    queryFn: () => json<Schemas["FlowVersionItem"][]>(path),
    enabled: id !== null,
  });
  const restoring = useMutation({
    mutationFn: (version: number) => json<StoredFlow>(`${path}/${version}`),
    onSuccess: ({ flow, version }) => {
      useFlow.getState().edit(words.exchange.restored(version), () => flow);
      onClose();
    },
  });
  return (
    <Dialog title={words.exchange.versionsOf(label)} isOpen onClose={onClose} width={520}>
      <p className="exchange-help">{id === null ? words.exchange.noVersions : words.exchange.versionsHelp}</p>
      {(isError || restoring.isError) && <p className="exchange-problem">{restoring.error?.message || words.app.serverGone}</p>}
      <ul className="exchange-list">
        {versions?.map((one) => (
          <li key={one.version} className="exchange-row">
            <b>{words.exchange.versionRow(one.version)}</b>
            <span className="mono">{dateTime(one.saved)}</span>
            <span className="mono">{bytes(one.size)}</span>
            {one.version === current ? (
              <span>{words.exchange.current}</span>
            ) : (
              <Button isSmall disabled={restoring.isPending} onClick={() => restoring.mutate(one.version)}>
                {words.exchange.restore}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
