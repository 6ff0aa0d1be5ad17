// Sign in at OpenRouter: the server obtains a new key, which this page never sees.

import { useMutation, useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useEffect, useRef, useState, type ReactElement } from "react";

import { json, send, type Schemas } from "../api/client";
import { Button } from "../design/controls";
import { words } from "../words";
import { LimitField } from "./LimitField";
import { limitOf } from "./report";
import type { Candidate } from "./WizardCard";

const POLL_MS = 1000;

export function ByConsent({ onKey }: { onKey: (key: Candidate) => void }): ReactElement {
  const [limit, setLimit] = useState("");
  const [server, setServer] = useState("");
  const [consent, setConsent] = useState<Schemas["StartedConsent"] | null>(null);
  const start = useMutation({
    mutationFn: (headless: boolean) => {
      const body = { headless, ...limitOf(limit), ...(server.trim() ? { baseUrl: server.trim() } : {}) };
      return json<Schemas["StartedConsent"]>("/api/connections/pkce", { body });
    },
    onSuccess: (started) => {
      setConsent(started);
      window.open(started.authorizeUrl, "_blank", "noopener");
    },
  });
  const cancel = (): void => {
    if (consent) void send(`/api/connections/pkce/${consent.state}`, { method: "DELETE" }).catch(() => undefined);
    setConsent(null);
  };
  if (consent) return <Waiting key={consent.state} consent={consent} onKey={onKey} onCancel={cancel} />;
  return (
    <div className="wizard-field">
      <p className="wizard-pair">
        <Button look="primary" disabled={start.isPending || !limitOf(limit)} onClick={() => start.mutate(false)}>
          <ExternalLink /> {words.wizard.signIn}
        </Button>
        <LimitField value={limit} onChange={setLimit} />
      </p>
      {start.isError && (
        <p className="wizard-problem" role="alert">
          {start.error.message || words.app.serverGone}
        </p>
      )}
      <details className="wizard-more">
        <summary>{words.wizard.otherWays}</summary>
        <p>{words.wizard.codeHelp}</p>
        <input id="wizard-server" className="wizard-input mono" placeholder="https://openrouter.ai/api/v1" aria-label={words.wizard.baseUrl} value={server} onChange={(event) => setServer(event.target.value)} />
        <Button isSmall disabled={!limitOf(limit)} onClick={() => start.mutate(true)}>
          {words.wizard.useCode}
        </Button>
      </details>
    </div>
  );
}

interface WaitingProps {
  consent: Schemas["StartedConsent"];
  onKey: (key: Candidate) => void;
  onCancel: () => void;
}

function Waiting({ consent, onKey, onCancel }: WaitingProps): ReactElement {
  const [code, setCode] = useState("");
  const path = `/api/connections/pkce/${consent.state}`;
  const finish = useMutation({ mutationFn: () => json(path, { body: { code: code.trim() } }) });
  const { data: status, error } = useQuery({
    queryKey: ["consent", consent.state],
    queryFn: () => json<Schemas["ConsentStatus"]>(path),
    refetchInterval: ({ state }) => (state.data?.status === "done" || state.data?.status === "failed" || state.error ? false : POLL_MS),
    refetchIntervalInBackground: true,
    gcTime: 0,
    retry: 2,
  });
  const isDone = status?.status === "done";
  const isTold = useRef(false);
  useEffect(() => {
    if (!isDone || isTold.current) return;
    isTold.current = true;
    onKey({ pkce: consent.state });
  }, [isDone, consent.state, onKey]);
  const failure = status?.status === "failed" ? (status.message ?? words.wizard.denied) : error ? error.message || words.app.serverGone : null;
  if (isDone) return <p className="wizard-note">{words.wizard.signedIn}</p>;
  return (
    <div className="wizard-field">
      <p className={failure ? "wizard-problem" : "wizard-note"} role="status">
        {failure ?? words.wizard.waiting}
      </p>
      {consent.headless && (
        <form
          className="wizard-pair"
          onSubmit={(event) => {
            event.preventDefault();
            finish.mutate();
          }}
        >
          <input className="wizard-input mono" aria-label={words.wizard.code} placeholder={words.wizard.code} value={code} onChange={(event) => setCode(event.target.value)} />
          <Button type="submit" disabled={code.trim() === "" || finish.isPending}>
            {words.wizard.sendCode}
          </Button>
        </form>
      )}
      {finish.isError && <p className="wizard-problem">{finish.error.message || words.app.serverGone}</p>}
      <p className="wizard-pair">
        <a className="button button-plain button-small" href={consent.authorizeUrl} target="_blank" rel="noopener noreferrer">
          <ExternalLink /> {words.wizard.openPage}
        </a>
        <Button isSmall look="quiet" onClick={onCancel}>
          {failure ? words.wizard.startAgain : words.app.cancel}
        </Button>
      </p>
    </div>
  );
}
