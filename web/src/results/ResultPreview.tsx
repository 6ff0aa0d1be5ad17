// What a step returned, or returns right now: the same in a node and in the inspector.

import type { ReactElement } from "react";

import type { StepRun } from "../runs/state";

interface Props {
  run: StepRun;
  /** `node` is small and of a fixed height; `panel` shows all. */
  size: "node" | "panel";
}

export function ResultPreview({ run, size }: Props): ReactElement {
  return <pre className={`result-${size}`}>{run.text}</pre>;
}
