import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { send } from "../api/client";
import { flowsQuery } from "../api/queries";
import { Button, Dialog } from "../design/controls";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { dropDraft } from "./drafts";
import { openNew } from "./opening";

export function DeleteFlow({ onClose }: { onClose: () => void }): ReactElement {
  const { id, flow } = useFlow.getState();
  const queries = useQueryClient();
  const deletion = useMutation({
    mutationFn: () => send(`/api/flows/${encodeURIComponent(id ?? "")}`, { method: "DELETE" }),
    onSuccess: () => {
      useFlow.getState().setSaved("saved");
      if (id !== null) dropDraft(id);
      openNew();
      void queries.invalidateQueries(flowsQuery);
      onClose();
    },
  });
  return (
    <Dialog
      title={words.exchange.delete}
      isOpen
      onClose={onClose}
      width={440}
      foot={
        <>
          <span className="exchange-fill" />
          <Button look="quiet" onClick={onClose}>
            {words.app.cancel}
          </Button>
          <Button look="danger" disabled={deletion.isPending} onClick={() => deletion.mutate()}>
            {words.exchange.delete}
          </Button>
        </>
      }
    >
      <p>{words.exchange.deleteQuestion(flow.label || words.app.untitled)}</p>
      {deletion.isError && (
        <p className="exchange-problem" role="alert">
          {deletion.error.message || words.app.serverGone}
        </p>
      )}
    </Dialog>
  );
}
