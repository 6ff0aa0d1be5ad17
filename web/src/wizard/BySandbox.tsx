import { FlaskConical } from "lucide-react";
import type { ReactElement } from "react";

import { useView } from "../app/view";
import { Button } from "../design/controls";
import { words } from "../words";

export function BySandbox({ hasSandbox, onClose }: { hasSandbox: boolean; onClose: () => void }): ReactElement {
  if (!hasSandbox) return <p className="wizard-note">{words.wizard.noSandbox}</p>;
  return (
    <div className="wizard-field">
      <p className="wizard-note">{words.wizard.sandboxReady}</p>
      <p>
        <Button
          look="primary"
          onClick={() => {
            onClose();
            useView.getState().show("canvas");
          }}
        >
          <FlaskConical /> {words.wizard.toCanvas}
        </Button>
      </p>
    </div>
  );
}
