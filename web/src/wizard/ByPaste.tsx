import { ExternalLink } from "lucide-react";
import { useState, type ReactElement } from "react";

import { useComponent } from "../api/component";
import { Button } from "../design/controls";
import { words } from "../words";
import type { Candidate } from "./WizardCard";

interface Props {
  isTesting: boolean;
  isRefused: boolean;
  isFine: boolean;
  onKey: (key: Candidate) => void;
  onChange: () => void;
}

export function ByPaste({ isTesting, isRefused, isFine, onKey, onChange }: Props): ReactElement {
  const { data: component } = useComponent();
  const [token, setToken] = useState("");
  const [server, setServer] = useState("");
  const change = (set: (value: string) => void) => (event: { target: { value: string } }) => {
    set(event.target.value);
    onChange();
  };
  return (
    <form
      className="wizard-field"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim()) onKey({ token: token.trim(), ...(server.trim() ? { baseUrl: server.trim() } : {}) });
      }}
    >
      <p className="wizard-label">
        <label htmlFor="wizard-key">
          {words.wizard.apiKey}
          <span className="runs-required" title={words.runs.requiredInput} />
        </label>
        {component?.connection.help !== undefined && (
          <a href={component.connection.help} target="_blank" rel="noreferrer">
            <ExternalLink aria-hidden /> {words.wizard.getKey}
          </a>
        )}
      </p>
      <span className="wizard-key" data-invalid={isRefused}>
        <input id="wizard-key" className="mono" type="password" autoComplete="off" spellCheck={false} placeholder="sk-or-v1-…" autoFocus value={token} aria-invalid={isRefused} onChange={change(setToken)} />
        <Button type="submit" isSmall look={token.trim() && !isTesting && !isFine ? "primary" : "plain"} disabled={token.trim() === "" || isTesting}>
          {isTesting ? words.wizard.testing : words.wizard.test}
        </Button>
      </span>
      <details className="wizard-more">
        <summary>{words.wizard.otherServer}</summary>
        <input id="wizard-server" className="wizard-input mono" placeholder="https://openrouter.ai/api/v1" aria-label={words.wizard.baseUrl} value={server} onChange={change(setServer)} />
      </details>
      {component && component.connection.setup.length > 0 && (
        <details className="wizard-more">
          <summary>{words.wizard.howTo}</summary>
          <ol>
            {component.connection.setup.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ol>
        </details>
      )}
    </form>
  );
}
