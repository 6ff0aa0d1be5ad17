// What an error means to a person: what happened, whether it cost anything, and what can be done next. Pure.

import { words } from "../words";
import type { StepError } from "./state";

export type Remedy = "resume" | "sendAgain" | "credits" | "connect" | "budget" | "model" | "step";

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
  RateLimitedError: ["resume", "model", "step"],
  UnavailableError: ["resume", "model", "step"],
  PaymentError: ["credits", "resume", "model"],
  BudgetError: ["budget", "model"],
  CredentialError: ["connect", "resume"],
  ForbiddenError: ["model", "step", "resume"],
  NotFoundError: ["model", "step"],
  InputError: ["step"],
  FileError: ["step"],
  IncompleteError: ["resume", "model", "step"],
  InDoubtError: ["sendAgain", "step"],
  JobTimedOutError: ["resume"],
  Interrupted: ["resume"],
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
  const billing = billingOf(error);
  return {
    title,
    // What the server says of a doubt is for the command line.
    detail: error.type === "InDoubtError" ? "" : ended(error.message ?? error.detail ?? ""),
    billing: [tries, billing].filter(Boolean).join(" "),
    remedies: REMEDIES[error.type] ?? ["resume", "model", "step"],
    retryAfter: typeof error.retryAfter === "number" && error.retryAfter > 0 ? error.retryAfter : null,
    status: error.upstreamStatus ?? error.status ?? null,
  };
}

function billingOf(error: StepError): string {
  if (error.type === "Interrupted") return "";
  if (error.type === "InDoubtError") return words.runs.perhapsBilled;
  return isFree(error) ? words.runs.notBilled : words.runs.maybeBilled;
}

const ended = (text: string): string => (text === "" || /[.!?…]$/.test(text) ? text : `${text}.`);

function isFree(error: StepError): boolean {
  const status = error.upstreamStatus ?? error.status;
  return FREE.has(error.type) || (status !== undefined && REFUSED.has(status));
}
