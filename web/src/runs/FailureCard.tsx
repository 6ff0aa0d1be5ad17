// What went wrong, whether it cost anything, and the next step as a button: the same card wherever a failure is shown.

import { useMutation } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useEffect, useState, type ReactElement } from "react";

import { useView } from "../app/view";
import { useComponent } from "../api/component";
import { Button } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { duration, money } from "../design/numbers";
import { words } from "../words";
import { adviceOf, type Remedy } from "./advice";
import "./FailureCard.css";
import type { StepError } from "./state";
import { useNow } from "./useNow";

/** What the place of a card can do; a door that is missing leads nowhere from there. */
export interface Doors {
  resume?: (retryDoubtful: boolean) => Promise<unknown>;
  raiseBudget?: () => void;
  showStep?: () => void;
  otherModel?: () => void;
}

interface Props {
  error: StepError;
  /** Instead of what the error is called. */
  title?: string;
  /** What else is to be said: what is kept, what a request that is sent again costs. */
  more?: string;
  /** Milliseconds since 1970: from here the time counts that a provider asks to wait. */
  at: number | undefined;
  doors: Doors;
}

export function FailureCard({ error, title, more, at, doors }: Props): ReactElement {
  const [hasDetails, setHasDetails] = useState(false);
  const advice = adviceOf(error);
  const isDoubt = error.type === "InDoubtError";
  const cost = typeof error.cost === "number" && error.cost > 0 ? words.runs.charged(money(error.cost)) : advice.billing;
  return (
    <section className={`failure ${isDoubt ? "failure-doubt" : ""}`} role="alert" aria-label={advice.title}>
      <header>
        <Glyph status={isDoubt ? "doubt" : "failed"} />
        <h3>{title ?? advice.title}</h3>
        {advice.status !== null && <span className="mono">{advice.status}</span>}
      </header>
      <p>{[advice.detail, cost, more].filter(Boolean).join(" ")}</p>
      <div className="failure-ways">
        <Ways remedies={advice.remedies} retryAt={at !== undefined && advice.retryAfter !== null ? at + advice.retryAfter * 1000 : null} doors={doors} />
        <Button isSmall look="quiet" aria-expanded={hasDetails} onClick={() => setHasDetails(!hasDetails)}>
          {words.runs.details}
        </Button>
      </div>
      {hasDetails && <pre className="failure-details mono">{JSON.stringify(error, null, 2)}</pre>}
    </section>
  );
}

interface WaysProps {
  remedies: readonly Remedy[];
  /** Milliseconds since 1970; null if nothing is to be waited for. */
  retryAt: number | null;
  doors: Doors;
}

/** The most likely remedy is the strong one. */
function Ways({ remedies, retryAt, doors }: WaysProps): ReactElement {
  const { data: component } = useComponent();
  const ways = remedies.flatMap((remedy) => (isOpen(remedy, doors) ? [remedy] : []));
  const look = (remedy: Remedy): "strong" | "plain" => (remedy === ways[0] ? "strong" : "plain");
  return (
    <>
      {ways.map((remedy): ReactElement => {
        switch (remedy) {
          case "resume":
          case "sendAgain":
            return <Resume key={remedy} isDoubt={remedy === "sendAgain"} look={look(remedy)} retryAt={retryAt} resume={doors.resume} />;
          case "credits":
            return (
              <a key={remedy} className={`button button-small button-${look(remedy)}`} href={component?.connection.credits} target="_blank" rel="noreferrer">
                {words.runs.addCredits}
              </a>
            );
          case "connect":
            return <Way key={remedy} look={look(remedy)} text={words.runs.connect} act={() => useView.getState().show("connections")} />;
          case "budget":
            return <Way key={remedy} look={look(remedy)} text={words.runs.raiseBudget} act={doors.raiseBudget} />;
          case "model":
            return <Way key={remedy} look={look(remedy)} text={words.runs.otherModel} act={doors.otherModel} />;
          case "step":
            return <Way key={remedy} look={look(remedy)} text={words.runs.showStep} act={doors.showStep} />;
        }
      })}
    </>
  );
}

function isOpen(remedy: Remedy, doors: Doors): boolean {
  const needed: Record<Remedy, unknown> = {
    resume: doors.resume,
    sendAgain: doors.resume,
    credits: true,
    connect: true,
    budget: doors.raiseBudget,
    model: doors.otherModel,
    step: doors.showStep,
  };
  return needed[remedy] !== undefined;
}

const Way = ({ look, text, act }: { look: "strong" | "plain"; text: string; act: (() => void) | undefined }): ReactElement => (
  <Button isSmall look={look} onClick={act}>
    {text}
  </Button>
);

interface ResumeProps {
  look: "strong" | "plain";
  isDoubt: boolean;
  retryAt: number | null;
  resume: Doors["resume"];
}

/** Counts down what the provider asks to wait; a click before the end retries at the end. */
function Resume({ look, isDoubt, retryAt, resume }: ResumeProps): ReactElement {
  const [isArmed, setIsArmed] = useState(false);
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => resume?.(isDoubt),
    onMutate: () => setIsArmed(false),
  });
  const now = useNow(retryAt !== null, 500);
  const left = retryAt === null || isDoubt ? 0 : Math.ceil(Math.max(0, retryAt - now) / 1000);
  useEffect(() => {
    if (!isArmed || retryAt === null) return undefined;
    const timer = setTimeout(mutate, Math.max(0, retryAt - Date.now()));
    return () => clearTimeout(timer);
  }, [isArmed, retryAt, mutate]);
  const label = isDoubt ? words.runs.sendAgain : left > 0 ? (isArmed ? words.runs.retriesIn : words.runs.retryIn)(duration(left * 1000)) : words.runs.retry;
  return (
    <>
      <Button look={look} isSmall disabled={isPending} aria-pressed={isArmed || undefined} onClick={() => (left > 0 ? setIsArmed(!isArmed) : mutate())}>
        <RotateCw /> {label}
      </Button>
      {error && <span className="failure-problem">{error.message || words.app.serverGone}</span>}
    </>
  );
}
