import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";

import { send } from "../api/client";
import { flowsQuery } from "../api/queries";
import { Button } from "../design/controls";
import { Question } from "../design/Question";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { dropDraft } from "./drafts";
import { openEmpty } from "./opening";

export function DeleteFlow({ onClose }: { onClose: () => void }): ReactElement {
  const { id, flow } = useFlow.getState();
  const queries = useQueryClient();
  const deletion = useMutation({
    mutationFn: () => send(`/api/flows/${encodeURIComponent(id ?? "")}`, { method: "DELETE" }),
    onSuccess: () => {
      useFlow.getState().setSaved("saved");
      if (id !== null) dropDraft(id);
      void openEmpty();
      void queries.invalidateQueries(flowsQuery);
      onClose();
    },
  });
  return (
    <Question
      title={words.exchange.delete}
      action={
        <Button look="danger" disabled={deletion.isPending} onClick={() => deletion.mutate()}>
          {words.exchange.delete}
        </Button>
      }
      onClose={onClose}
    >
      <p>{words.exchange.deleteQuestion(flow.label || words.app.untitled)}</p>
      {deletion.isError && (
        <p className="exchange-problem" role="alert">
          {deletion.error.message || words.app.serverGone}
        </p>
      )}
    </Question>
  );
}
