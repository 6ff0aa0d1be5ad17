// Whether the server answers. It is asked now and then, so that a page where nobody does anything knows it too.

import { useEffect } from "react";
import { create } from "zustand";

interface Server {
  isGone: boolean;
  /** When it is asked again, in milliseconds since 1970; null while it answers. */
  retriesAt: number | null;
}

export const useServer = create<Server>()(() => ({ isGone: false, retriesAt: null }));

/** A page that nobody looks at does not ask. */
const WHILE_THERE_MS = 10_000;
const WHILE_GONE_MS = 4000;
const LONGEST_MS = 8000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Note what became of a request, whoever sent it. */
export function noteServer(answers: boolean): void {
  if (useServer.getState().isGone === answers) useServer.setState({ isGone: !answers, retriesAt: null });
  if (!answers && useServer.getState().retriesAt === null) askLater();
}

/** Ask now: at a click on "Retry Now", and when the page is looked at again. */
export async function askServer(): Promise<void> {
  clearTimeout(timer);
  useServer.setState({ retriesAt: null });
  if (document.visibilityState === "visible") noteServer(await answers());
  askLater();
}

/** Ask now and then, and at once when the page is looked at again; `onBack` follows an absence. */
export function useHeartbeat(onBack: () => void): void {
  useEffect(() => {
    const ask = (): void => void askServer();
    askLater();
    document.addEventListener("visibilitychange", ask);
    addEventListener("online", ask);
    const stop = useServer.subscribe((now, before) => before.isGone && !now.isGone && onBack());
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", ask);
      removeEventListener("online", ask);
      stop();
    };
  }, [onBack]);
}

function askLater(): void {
  const wait = useServer.getState().isGone ? WHILE_GONE_MS : WHILE_THERE_MS;
  if (useServer.getState().isGone) useServer.setState({ retriesAt: Date.now() + wait });
  clearTimeout(timer);
  timer = setTimeout(() => void askServer(), wait);
}

async function answers(): Promise<boolean> {
  try {
    await fetch("/api/health", { cache: "no-store", signal: AbortSignal.timeout(LONGEST_MS) });
    return true;
  } catch {
    return false;
  }
}
