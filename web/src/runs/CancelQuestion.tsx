import type { ReactElement } from "react";

import { Button, Dialog } from "../design/controls";
import { words } from "../words";
import { useRun } from "./store";

export function CancelQuestion({ onClose }: { onClose: () => void }): ReactElement {
  return (
    <Dialog
      title={words.runs.cancelTitle}
      isOpen
      onClose={onClose}
      width={440}
      foot={
        <>
          <span className="runs-fill" />
          <Button look="quiet" onClick={onClose}>
            {words.runs.goOn}
          </Button>
          <Button
            look="danger"
            onClick={() => {
              void useRun.getState().cancel();
              onClose();
            }}
          >
            {words.runs.cancelRun}
          </Button>
        </>
      }
    >
      <p>{words.runs.cancelQuestion}</p>
    </Dialog>
  );
}
