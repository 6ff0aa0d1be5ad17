import type { ReactElement } from "react";

import { words } from "../words";
import { LimitField } from "./LimitField";

interface Props {
  name: string;
  /** Whether an old connection gets the key, so that its name stays. */
  isFixed: boolean;
  isDefault: boolean;
  /** The limit of the key that is created first; null if the key is there. */
  limit: string | null;
  error: Error | null;
  onName: (name: string) => void;
  onDefault: (isDefault: boolean) => void;
  onLimit: (limit: string) => void;
}

export function SaveStep({ name, isFixed, isDefault, limit, error, onName, onDefault, onLimit }: Props): ReactElement {
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
      {limit !== null && <LimitField value={limit} onChange={onLimit} />}
      {error && (
        <p className="wizard-problem" role="alert">
          {error.message || words.app.serverGone}
        </p>
      )}
    </div>
  );
}
