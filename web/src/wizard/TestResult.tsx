import type { UseMutationResult } from "@tanstack/react-query";
import { ExternalLink, FlaskConical, KeyRound, Plus, RefreshCw } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

import { useComponent } from "../api/component";
import { Button } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { money } from "../design/numbers";
import { sentence } from "../form/problems";
import { words } from "../words";
import { Meter } from "./Meter";
import { canSave, isElsewhere, remainingOf, reportOf, usedPart, waysOut, type KeyReport, type Way } from "./report";
import type { Candidate } from "./WizardCard";

interface Props {
  test: UseMutationResult<KeyReport, Error, Candidate>;
  onWay: (way: Way) => void;
}

export function TestResult({ test, onWay }: Props): ReactElement {
  if (test.isPending) return <p className="wizard-note" role="status"><Glyph status="running" /> {words.wizard.testing}</p>;
  const server = test.variables && "baseUrl" in test.variables ? test.variables.baseUrl : undefined;
  if (test.isError) return <Failed report={reportOf(test.error, words.app.serverGone)} server={server} onWay={onWay} />;
  if (!test.data) return <p className="wizard-later">{words.wizard.testLater}</p>;
  return test.data.ok ? <Works report={test.data} onAgain={() => onWay("testAgain")} /> : <Failed report={test.data} server={server} onWay={onWay} />;
}

function Works({ report, onAgain }: { report: KeyReport; onAgain: () => void }): ReactElement {
  const left = remainingOf(report);
  return (
    <div className="wizard-result wizard-result-works" role="status">
      <header>
        <Glyph status="done" />
        <b>{words.wizard.works}</b>
        <Button isSmall look="quiet" onClick={onAgain}>
          <RefreshCw /> {words.wizard.testAgain}
        </Button>
      </header>
      <dl>
        <Fact label={words.wizard.label}>{report.label ?? "–"}</Fact>
        <Fact label={words.wizard.creditsLeft}>
          <span className="mono">{left === null ? words.wizard.noLimit : money(left)}</span>
        </Fact>
        <Fact label={words.wizard.limitLabel}>
          <span className="mono">{typeof report.limit === "number" ? words.wizard.limitEach(money(report.limit), report.limitReset) : words.wizard.noLimit}</span>
        </Fact>
        <Fact label={words.wizard.used}>
          <span className="mono">{typeof report.usage === "number" ? money(report.usage) : "–"}</span>
        </Fact>
      </dl>
      <Meter part={usedPart(report)} />
      {report.freeTier && <p>{words.wizard.freeTierHelp}</p>}
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const ICONS: Record<Way, typeof KeyRound> = {
  newKey: Plus,
  pasteAgain: KeyRound,
  consent: ExternalLink,
  credits: ExternalLink,
  keys: ExternalLink,
  testAgain: RefreshCw,
  server: KeyRound,
  sandbox: FlaskConical,
};
interface FailedProps {
  report: KeyReport;
  server: string | undefined;
  onWay: (way: Way) => void;
}

function Failed({ report, server, onWay }: FailedProps): ReactElement {
  const { titles } = words.wizard;
  const { data: component } = useComponent();
  const { help, credits, newKey } = component?.connection ?? {};
  const links: Partial<Record<Way, string | undefined>> = { credits, keys: help };
  const state = report.state === "rejected" && isElsewhere(server) ? "rejectedElsewhere" : report.state;
  const title = state in titles ? titles[state as keyof typeof titles] : titles.failed;
  return (
    <div className="wizard-result wizard-result-failed" role="alert">
      <header>
        <Glyph status="failed" />
        <b>{title}</b>
      </header>
      <p>
        {sentence(report.message)} {canSave(report) && words.wizard.canStillSave}
      </p>
      <ul>
        {waysOut(report, newKey).map((way) => {
          const Icon = ICONS[way];
          const inner = (
            <>
              <Icon aria-hidden />
              <span>
                <b>{words.wizard.ways[way].title}</b>
                <span>{words.wizard.ways[way].text}</span>
              </span>
            </>
          );
          const href = links[way];
          return (
            <li key={way}>
              {href === undefined ? (
                <button type="button" className="wizard-way" onClick={() => onWay(way)}>
                  {inner}
                </button>
              ) : (
                <a className="wizard-way" href={href} target="_blank" rel="noreferrer">
                  {inner}
                </a>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
