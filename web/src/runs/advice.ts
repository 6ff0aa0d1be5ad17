// What an error means to a person: what happened, whether it cost anything, and what can be done next. Pure.

import { words } from "../words";
import type { StepError } from "./state";

export type Remedy = "resume" | "sendAgain" | "credits" | "connect" | "budget" | "step";

export interface Advice {
  title: string;
  /** The message of the server, if it says more than the title. */
  detail: string;
  /** Whether the failed request was paid. */
  billing: string;
  /** What helps, the most likely first. */
  remedies: Remedy[];
  /** Seconds to wait before a retry. */
  retryAfter: number | null;
  status: number | null;
}

const REMEDIES: Record<string, Remedy[]> = {
  RateLimitedError: ["resume", "step"],
  UnavailableError: ["resume", "step"],
  PaymentError: ["credits", "resume"],
  BudgetError: ["budget"],
  CredentialError: ["connect", "resume"],
  ForbiddenError: ["step"],
  NotFoundError: ["step"],
  InputError: ["step"],
  FileError: ["step"],
  IncompleteError: ["resume", "step"],
  InDoubtError: ["sendAgain", "step"],
  JobTimedOutError: ["resume"],
};

/** Errors of requests that were refused before anything was served. */
const FREE: ReadonlySet<string> = new Set([
  "RateLimitedError",
  "PaymentError",
  "BudgetError",
  "CredentialError",
  "ForbiddenError",
  "NotFoundError",
  "InputError",
  "FileError",
]);

/** Statuses of an API that served nothing. */
const REFUSED: ReadonlySet<number> = new Set([400, 413, 502, 503, 529]);

export function adviceOf(error: StepError): Advice {
  const { failures } = words.runs;
  const title = error.type in failures ? failures[error.type as keyof typeof failures] : failures.other;
  const tries = typeof error.attempts === "number" && error.attempts > 1 ? words.runs.retried(error.attempts - 1) : "";
  const billing = error.type === "InDoubtError" ? words.runs.perhapsBilled : isFree(error) ? words.runs.notBilled : words.runs.maybeBilled;
  return {
    title,
    // What the server says of a doubt is for the command line.
    detail: error.type === "InDoubtError" ? "" : ended(error.message ?? error.detail ?? ""),
    billing: [tries, billing].filter(Boolean).join(" "),
    remedies: REMEDIES[error.type] ?? ["resume", "step"],
    retryAfter: typeof error.retryAfter === "number" && error.retryAfter > 0 ? error.retryAfter : null,
    status: error.upstreamStatus ?? error.status ?? null,
  };
}

const ended = (text: string): string => (text === "" || /[.!?…]$/.test(text) ? text : `${text}.`);

function isFree(error: StepError): boolean {
  const status = error.upstreamStatus ?? error.status;
  return FREE.has(error.type) || (status !== undefined && REFUSED.has(status));
}
