// Connect in three steps: choose how, test the key, save it under a name. Every failure offers a way out.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink, FlaskConical, KeyRound, X } from "lucide-react";
import { useState, type ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { useConnection } from "../api/connection";
import { connectionsQuery } from "../api/queries";
import { useView } from "../app/view";
import { Button, IconButton } from "../design/controls";
import { words } from "../words";
import { ByConsent } from "./ByConsent";
import { ByPaste } from "./ByPaste";
import { BySandbox } from "./BySandbox";
import { canSave, freeName, limitOf, type KeyReport, type Way } from "./report";
import { SaveStep } from "./SaveStep";
import { useWizard, type Method } from "./store";
import { TestResult } from "./TestResult";

/** A key that is not stored yet: typed by a person, or kept by the server after a consent. */
export type Candidate = { token: string; baseUrl?: string } | { pkce: string };

const METHODS = [
  { method: "consent", Icon: ExternalLink },
  { method: "paste", Icon: KeyRound },
  { method: "sandbox", Icon: FlaskConical },
] as const;

export function WizardCard({ onClose }: { onClose: () => void }): ReactElement {
  const { method, target, begin } = useWizard();
  const { data: connections } = useQuery(connectionsQuery);
  const queries = useQueryClient();
  const [candidate, setCandidate] = useState<Candidate | null>(null);
  const [name, setName] = useState<string | null>(null);
  const [isDefault, setIsDefault] = useState(true);
  const [limit, setLimit] = useState<string | null>(null);
  const test = useMutation({ mutationFn: (key: Candidate) => json<KeyReport>("/api/connections/test", { body: key }) });
  const wish = name ?? target ?? freeName((connections ?? []).map((one) => one.name), words.wizard.openRouter);
  const saving = useMutation({
    mutationFn: () => json<Schemas["Connection"]>("/api/connections", { body: { name: wish.trim(), default: isDefault, replace: target !== null, ...candidate, ...(limit === null ? {} : { newKey: limitOf(limit) }) } }),
    onSuccess: ({ name: stored, default: isNowDefault }) => {
      // The server keeps the default that it was started with; this browser need not.
      if (isDefault) useConnection.getState().use(stored);
      void queries.invalidateQueries(connectionsQuery);
      void queries.invalidateQueries({ queryKey: ["key-test", stored] });
      useView.getState().say(isDefault && !isNowDefault ? words.wizard.savedForHere(stored) : words.wizard.saved(stored));
      onClose();
    },
  });
  const tryKey = (key: Candidate): void => {
    setCandidate(key);
    setLimit(null);
    test.mutate(key);
  };
  const forget = (): void => {
    setCandidate(null);
    setLimit(null);
    test.reset();
    saving.reset();
  };
  const choose = (next: Method): void => {
    begin(next, target ?? undefined);
    forget();
  };
  const take = (way: Way): void => {
    if (way === "testAgain" && candidate) test.mutate(candidate);
    else if (way === "newKey") setLimit("");
    else if (way === "consent" || way === "sandbox") choose(way);
    else if (way === "pasteAgain" || way === "server") {
      test.reset();
      begin("paste", target ?? undefined);
      document.getElementById(way === "server" ? "wizard-server" : "wizard-key")?.focus();
    }
  };
  const report = test.data;
  const isNewKey = limit !== null && report !== undefined;
  const isSavable = report !== undefined && (isNewKey ? limitOf(limit) !== undefined : canSave(report));
  return (
    <section className="wizard" aria-label={words.wizard.title}>
      <header className="wizard-head">
        <div>
          <h2>{target === null ? words.wizard.title : words.wizard.titleFor(target)}</h2>
          <p>{words.wizard.subtitle}</p>
        </div>
        <IconButton label={words.app.close} onClick={onClose}>
          <X />
        </IconButton>
      </header>
      <ol className="wizard-steps">
        <Step number={1} title={words.wizard.choose}>
          <div className="wizard-methods" role="radiogroup" aria-label={words.wizard.choose}>
            {METHODS.map(({ method: one, Icon }) => (
              <button key={one} type="button" role="radio" aria-checked={one === method} className="wizard-method" onClick={() => choose(one)}>
                <span className="wizard-tile">
                  <Icon aria-hidden />
                </span>
                <span>
                  <b>{words.wizard.methods[one].title}</b>
                  {one === "consent" && <span className="connection-tag">{words.wizard.recommended}</span>}
                  <span>{words.wizard.methods[one].text}</span>
                </span>
              </button>
            ))}
          </div>
          {method === "consent" && <ByConsent onKey={tryKey} />}
          {method === "paste" && <ByPaste isTesting={test.isPending} isRefused={report !== undefined && !report.ok && !isNewKey} isFine={report?.ok === true} onKey={tryKey} onChange={forget} />}
          {method === "sandbox" && <BySandbox hasSandbox={connections?.some((one) => one.name === "sandbox") ?? false} onClose={onClose} />}
        </Step>
        {method !== "sandbox" && (
          <>
            <Step number={2} title={words.wizard.testTitle} isFailed={report !== undefined && !report.ok && !isNewKey} isLater={!test.isPending && !report && !test.isError}>
              {isNewKey ? <p className="wizard-note" role="status">{words.wizard.newKeyHelp}</p> : <TestResult test={test} onWay={take} />}
            </Step>
            <Step number={3} title={words.wizard.saveTitle} isLater={!isNewKey && !isSavable}>
              {isNewKey || isSavable ? (
                <SaveStep name={wish} isFixed={target !== null} isDefault={isDefault} limit={limit} error={saving.error} onName={setName} onDefault={setIsDefault} onLimit={setLimit} />
              ) : (
                <p className="wizard-later">{words.wizard.later}</p>
              )}
            </Step>
          </>
        )}
      </ol>
      {method !== "sandbox" && (
        <footer className="wizard-foot">
          <Button look="quiet" onClick={onClose}>
            {words.app.cancel}
          </Button>
          <Button look={isSavable ? "primary" : "plain"} disabled={!isSavable || saving.isPending || wish.trim() === ""} onClick={() => saving.mutate()}>
            {isNewKey ? words.wizard.createAndSave : isSavable && !report.ok ? words.wizard.saveAnyway : words.wizard.saveConnection}
          </Button>
        </footer>
      )}
    </section>
  );
}

interface StepProps {
  number: number;
  title: string;
  isFailed?: boolean;
  isLater?: boolean;
  children: React.ReactNode;
}

function Step({ number, title, isFailed, isLater, children }: StepProps): ReactElement {
  return (
    <li className={`wizard-step ${isFailed ? "wizard-step-failed" : ""} ${isLater ? "wizard-step-later" : ""}`}>
      <span className="wizard-number" aria-hidden>
        {number}
      </span>
      <div>
        <h3>{title}</h3>
        {children}
      </div>
    </li>
  );
}
