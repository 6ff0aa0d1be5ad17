// What went wrong, whether it cost anything, and what to do next.

import { RotateCw } from "lucide-react";
import { useEffect, useState, type ReactElement } from "react";

import { Button } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { duration, money } from "../design/numbers";
import { adviceOf } from "../runs/advice";
import type { StepError } from "../runs/state";
import { useRun } from "../runs/store";
import { words } from "../words";
import type { InspectedStep } from "./useStep";

interface Props {
  found: InspectedStep;
  error: StepError;
  onModel: () => void;
}

export function FailureCard({ found, error, onModel }: Props): ReactElement {
  const [hasDetails, setHasDetails] = useState(false);
  const advice = adviceOf(error);
  const isDoubt = error.type === "InDoubtError";
  const cost = typeof error.cost === "number" && error.cost > 0 ? words.inspector.charged(money(error.cost)) : advice.billing;
  const hasModel = found.action?.properties.some((one) => one.name === "model") ?? false;
  return (
    <section className={`failure ${isDoubt ? "failure-doubt" : ""}`} role="alert" aria-label={advice.title}>
      <header>
        <Glyph status={isDoubt ? "doubt" : "failed"} />
        <h3>{advice.title}</h3>
        {advice.status !== null && <span className="mono">{advice.status}</span>}
      </header>
      <p>
        {advice.detail} {cost}
      </p>
      <div className="failure-ways">
        {advice.remedies.includes("credits") && (
          <Button look="strong" isSmall onClick={() => window.open("https://openrouter.ai/settings/credits", "_blank", "noopener")}>
            {words.runs.addCredits}
          </Button>
        )}
        <Retry seconds={advice.retryAfter ?? 0} isFirst={!advice.remedies.includes("credits")} isDoubt={isDoubt} />
        {hasModel && (
          <Button isSmall onClick={onModel}>
            {words.inspector.otherModel}
          </Button>
        )}
        <Button isSmall look="quiet" aria-expanded={hasDetails} onClick={() => setHasDetails(!hasDetails)}>
          {words.inspector.details}
        </Button>
      </div>
      {hasDetails && <pre className="failure-details mono">{JSON.stringify(error, null, 2)}</pre>}
    </section>
  );
}

/** Counts down what the provider asks to wait; a click before the end retries at the end. */
function Retry({ seconds, isFirst, isDoubt }: { seconds: number; isFirst: boolean; isDoubt: boolean }): ReactElement {
  const resume = useRun((state) => state.resume);
  const [left, setLeft] = useState(Math.ceil(seconds));
  const [isArmed, setIsArmed] = useState(false);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => {
      setLeft(left - 1);
      if (left === 1 && isArmed) void resume({ retryDoubtful: isDoubt });
    }, 1000);
    return () => clearTimeout(timer);
  }, [left, isArmed, resume, isDoubt]);
  const label = isDoubt ? words.inspector.runAgain : left > 0 ? (isArmed ? words.inspector.retriesIn : words.inspector.retryIn)(duration(left * 1000)) : words.inspector.retry;
  return (
    <Button look={isFirst ? "strong" : "plain"} isSmall aria-pressed={isArmed || undefined} onClick={() => (left > 0 ? setIsArmed(!isArmed) : void resume({ retryDoubtful: isDoubt }))}>
      <RotateCw /> {label}
    </Button>
  );
}
