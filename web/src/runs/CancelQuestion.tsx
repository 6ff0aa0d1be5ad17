import type { ReactElement } from "react";

import { Button } from "../design/controls";
import { Question } from "../design/Question";
import { words } from "../words";
import { useRun } from "./store";

export function CancelQuestion({ onClose }: { onClose: () => void }): ReactElement {
  return (
    <Question
      title={words.runs.cancelTitle}
      back={words.runs.goOn}
      action={
        <Button
          look="danger"
          onClick={() => {
            void useRun.getState().cancel();
            onClose();
          }}
        >
          {words.runs.cancelRun}
        </Button>
      }
      onClose={onClose}
    >
      <p>{words.runs.cancelQuestion}</p>
    </Question>
  );
}
