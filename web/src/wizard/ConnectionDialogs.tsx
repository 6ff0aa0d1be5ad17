import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";

import { json } from "../api/client";
import { connectionsQuery } from "../api/queries";
import { Button } from "../design/controls";
import { Question } from "../design/Question";
import { words } from "../words";

export function RenameConnection({ name, onClose }: { name: string; onClose: () => void }): ReactElement {
  const [typed, setTyped] = useState(name);
  const queries = useQueryClient();
  const renaming = useMutation({
    mutationFn: () => json(`/api/connections/${encodeURIComponent(name)}`, { method: "PATCH", body: { name: typed.trim() } }),
    onSuccess: () => {
      void queries.invalidateQueries(connectionsQuery);
      onClose();
    },
  });
  return (
    <Question
      title={words.wizard.renameTitle}
      action={
        <Button look="primary" type="submit" form="wizard-rename" disabled={typed.trim() === "" || renaming.isPending}>
          {words.exchange.save}
        </Button>
      }
      onClose={onClose}
    >
      <form
        id="wizard-rename"
        className="wizard-field"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === name) onClose();
          else renaming.mutate();
        }}
      >
        <label htmlFor="wizard-new-name">{words.wizard.name}</label>
        <input id="wizard-new-name" className="wizard-input" autoFocus maxLength={64} value={typed} onChange={(event) => setTyped(event.target.value)} />
        {renaming.isError && (
          <p className="wizard-problem" role="alert">
            {renaming.error.message || words.app.serverGone}
          </p>
        )}
      </form>
    </Question>
  );
}

interface RemoveProps {
  name: string;
  removal: UseMutationResult<Response, Error, void>;
  onClose: () => void;
}

export function RemoveConnection({ name, removal, onClose }: RemoveProps): ReactElement {
  return (
    <Question
      title={words.wizard.removeTitle}
      action={
        <Button look="danger" disabled={removal.isPending} onClick={() => removal.mutate(undefined, { onSuccess: onClose })}>
          {words.wizard.removeNow}
        </Button>
      }
      onClose={onClose}
    >
      <p>{words.wizard.removeQuestion(name)}</p>
      {removal.isError && <p className="wizard-problem">{removal.error.message || words.app.serverGone}</p>}
    </Question>
  );
}
