// One shape for each state, so that colour is never alone.

import type { ReactElement } from "react";

import type { StepStatus } from "../runs/state";
import { words } from "../words";

const SHAPES: Record<StepStatus, ReactElement> = {
  waiting: <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.4 2.3" />,
  running: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" opacity="0.25" />
      <path className="glyph-arc" d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </>
  ),
  done: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path className="glyph-mark" d="m4.9 8.2 2.1 2.1 4.1-4.4" fill="none" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  failed: (
    <>
      <path d="M5.2 1.2h5.6l4 4v5.6l-4 4H5.2l-4-4V5.2z" fill="currentColor" />
      <path className="glyph-mark" d="M8 4.6v4.1M8 11.3v.1" fill="none" strokeWidth="1.8" strokeLinecap="round" />
    </>
  ),
  skipped: (
    <>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d="M5.2 8h5.6" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" />
    </>
  ),
  doubt: (
    <>
      <path d="M8 .6 15.4 8 8 15.4.6 8z" fill="currentColor" />
      <path className="glyph-mark" d="M6.4 6.6a1.6 1.6 0 1 1 2.4 1.5c-.6.3-.8.6-.8 1.1M8 11.2v.1" fill="none" strokeWidth="1.4" strokeLinecap="round" />
    </>
  ),
};

export function Glyph({ status }: { status: StepStatus }): ReactElement {
  return (
    <svg className={`glyph glyph-${status}`} viewBox="0 0 16 16" role="img" aria-label={words.states[status]}>
      {SHAPES[status]}
    </svg>
  );
}
