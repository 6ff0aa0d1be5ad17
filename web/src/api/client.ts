// One door to the server: JSON in and out, and errors as the problem documents that it sends.

import { useConnection } from "./connection";
import { noteStatus } from "./login";
import { noteServer } from "./server";
import type { components } from "./schema";

export type Schemas = components["schemas"];
export type ProblemDocument = Pick<Schemas["ProblemDocument"], "type" | "title" | "status" | "detail"> &
  Partial<Schemas["ProblemDocument"]>;

/** The server refused a request, and says why. */
export class ApiProblem extends Error {
  readonly document: ProblemDocument;

  constructor(document: ProblemDocument) {
    super(document.detail || document.title);
    this.document = document;
  }

  get status(): number {
    return this.document.status;
  }

  /** `InputError`, `RateLimitedError` …; empty for what is no error of the connector. */
  get kind(): string {
    return this.document.type.split(":").at(-1) ?? "";
  }
}

/** The server did not answer at all. */
export class ServerGone extends Error {}

export interface RequestOptions {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  const { body, signal } = options;
  const isForm = body instanceof FormData;
  const init: RequestInit = {
    method: options.method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(body === undefined || isForm ? {} : { "Content-Type": "application/json" }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(withConnection(path, body)) }),
    ...(signal ? { signal } : {}),
  };
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    noteServer(false);
    throw new ServerGone();
  }
  noteServer(true);
  noteStatus(response.status);
  if (!response.ok) throw new ApiProblem(await problemOf(response));
  return response;
}

export async function json<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Forms, lists, checks and runs use the connection that this browser uses, unless they name another. */
function withConnection(path: string, body: unknown): unknown {
  const { name } = useConnection.getState();
  const isMeant = /^\/api\/(actions\/|flows\/check$|runs$)/.test(path);
  return name !== null && isMeant && typeof body === "object" ? { connection: name, ...body } : body;
}

async function problemOf(response: Response): Promise<ProblemDocument> {
  const text = await response.text();
  try {
    return JSON.parse(text) as ProblemDocument;
  } catch {
    return {
      type: "about:blank",
      title: response.statusText,
      status: response.status,
      detail: text.slice(0, 500),
    };
  }
}
