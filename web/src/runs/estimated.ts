// The words for an estimate of cost.

import { money } from "../design/numbers";
import { words } from "../words";

/** `low` and `high` in USD; `high` is null without an upper bound. */
export function estimated({ low, high }: { low: number; high: number | null }): string {
  if (high === null && low === 0) return words.runs.notKnown;
  if (high === 0) return words.runs.free;
  return words.runs.estimate(money(low), high === null ? null : money(high));
}
