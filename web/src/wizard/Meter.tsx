import type { CSSProperties, ReactElement } from "react";

import { words } from "../words";

/** How much of a limit is used; nothing without a limit. */
export function Meter({ part }: { part: number | null }): ReactElement | null {
  if (part === null) return null;
  return (
    <span
      className="wizard-meter"
      role="meter"
      aria-label={words.wizard.used}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
      style={{ "--used": `${part * 100}%` } as CSSProperties}
    />
  );
}
