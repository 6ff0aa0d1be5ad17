// Which cheaper models fit the form of a step. Pure.

import type { Schemas } from "../api/client";
import type { Model } from "../form/models/models";

/** What the check of a call with one model found. */
export type ModelCheck = Pick<Schemas["CheckResponse"], "ok" | "warnings" | "estimate">;

export interface Cheaper {
  model: string;
  /** What it costs, as a part of what the present model costs: 0 is free, below 1 is cheaper. */
  part: number;
}

const CHECKED = 12;
const SHOWN = 4;

/** The models to check: the cheapest by their prices, if both prices are no higher than those of the present one. */
export function candidates(models: readonly Model[], present: string): string[] {
  const now = models.find((one) => one.id === present);
  if (now?.input === undefined || now.output === undefined) return [];
  const [input, output] = [now.input, now.output];
  const priceOf = (one: Model): number => (one.input ?? Infinity) + (one.output ?? Infinity);
  return models
    .filter((one) => one.id !== present && (one.input ?? Infinity) <= input && (one.output ?? Infinity) <= output && priceOf(one) < input + output)
    .sort((a, b) => priceOf(a) - priceOf(b))
    .slice(0, CHECKED)
    .map((one) => one.id);
}

/** Those whose call has no problem and no warning that the present call does not have, the cheapest first. */
export function fitting(present: ModelCheck | undefined, checks: readonly { model: string; check: ModelCheck | undefined }[]): Cheaper[] {
  const now = costOf(present);
  if (now === undefined || now === 0) return [];
  return checks
    .flatMap(({ model, check }): Cheaper[] => {
      const cost = costOf(check);
      const isAsGood = check?.ok === true && check.warnings.length <= (present?.warnings.length ?? 0);
      return isAsGood && cost !== undefined && cost < now ? [{ model, part: cost / now }] : [];
    })
    .sort((a, b) => a.part - b.part)
    .slice(0, SHOWN);
}

/** USD at most; at least, if nothing limits the answer. */
const costOf = (check: ModelCheck | undefined): number | undefined => check?.estimate?.high ?? check?.estimate?.low ?? undefined;
