import type { ReactElement } from "react";

import { words } from "../words";

interface Props {
  name: string;
  /** Whether an old connection gets the key, so that its name stays. */
  isFixed: boolean;
  isDefault: boolean;
  error: Error | null;
  onName: (name: string) => void;
  onDefault: (isDefault: boolean) => void;
}

export function SaveStep({ name, isFixed, isDefault, error, onName, onDefault }: Props): ReactElement {
  return (
    <div className="wizard-field">
      <div className="wizard-save">
        <label>
          {words.wizard.name}
          <input className="wizard-input" value={name} maxLength={64} disabled={isFixed} onChange={(event) => onName(event.target.value)} />
        </label>
        <label className="wizard-check">
          <input type="checkbox" checked={isDefault} onChange={(event) => onDefault(event.target.checked)} />
          {words.wizard.asDefault}
        </label>
      </div>
      {error && (
        <p className="wizard-problem" role="alert">
          {error.message || words.app.serverGone}
        </p>
      )}
    </div>
  );
}
