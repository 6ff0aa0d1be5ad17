// Texts of models: always text, never markup. Long ones are drawn piece by piece.

import { useState, type ReactElement } from "react";

import { Button } from "../design/controls";
import { words } from "../words";
import "./results.css";

/** What is drawn of a text that arrives in a node: its end. */
const TAIL = 1500;
const HEAD = 3000;
const PIECE = 40_000;

interface LiveProps {
  text: string;
  isLive: boolean;
  size: "node" | "panel";
}

/** A text that arrives: its end is shown, and its beginning fades at the top. */
export function LiveText({ text, isLive, size }: LiveProps): ReactElement {
  const limit = size === "node" ? TAIL : PIECE;
  return (
    <div className={`result-live result-live-${size}`}>
      <p>
        {text.slice(-limit)}
        {isLive && <span className="result-caret" aria-hidden />}
      </p>
    </div>
  );
}

export function LongText({ text, size }: { text: string; size: "node" | "panel" }): ReactElement {
  const [shown, setShown] = useState(PIECE);
  if (size === "node") return <p className="result-text result-text-node nowheel nodrag">{text.slice(0, HEAD)}</p>;
  return (
    <div className="result-text result-text-panel">
      {text.slice(0, shown)}
      {text.length > shown && (
        <Button isSmall onClick={() => setShown(shown + PIECE * 4)}>
          {words.results.showMore(text.length - shown)}
        </Button>
      )}
    </div>
  );
}
