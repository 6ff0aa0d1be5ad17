import { useState, type ReactElement } from "react";

import { Button } from "../design/controls";
import { Question } from "../design/Question";
import { useFlow } from "../flow/store";
import { words } from "../words";

export function FlowName({ onClose }: { onClose: () => void }): ReactElement {
  const { flow, edit } = useFlow.getState();
  const [label, setLabel] = useState(flow.label ?? "");
  const [description, setDescription] = useState(flow.description ?? "");
  const save = (): void => {
    edit(words.exchange.rename.replace("…", ""), (old) => {
      if ((old.label ?? "") === label.trim() && (old.description ?? "") === description) return old;
      return { ...old, label: label.trim(), ...(description || old.description !== undefined ? { description } : {}) };
    });
    onClose();
  };
  return (
    <Question
      title={words.exchange.renameTitle}
      action={
        <Button look="primary" type="submit" form="exchange-name">
          {words.exchange.save}
        </Button>
      }
      onClose={onClose}
    >
      <form
        id="exchange-name"
        className="exchange-form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <label>
          {words.exchange.name}
          <input className="exchange-field" value={label} maxLength={200} autoFocus onFocus={(event) => event.target.select()} onChange={(event) => setLabel(event.target.value)} />
        </label>
        <label>
          {words.exchange.description}
          <textarea className="exchange-field" rows={3} value={description} onChange={(event) => setDescription(event.target.value)} />
        </label>
      </form>
    </Question>
  );
}
