// Parts that are not on the screen at first: each is a script of its own, loaded once the browser is idle.

import { lazy, useEffect, useState, type FunctionComponent, type LazyExoticComponent } from "react";

const parts: (() => Promise<unknown>)[] = [];

/** A component that is loaded when it is first shown, or before that by `loadParts`. */
export function later<P>(load: () => Promise<FunctionComponent<P>>): LazyExoticComponent<FunctionComponent<P>> {
  parts.push(load);
  return lazy(async () => ({ default: await load() }));
}

/** Load every part one after another, so that the first click on one waits for nothing. */
export async function loadParts(): Promise<void> {
  // A part that is loaded may name others.
  for (const load of parts) {
    await idle();
    // Without a server it is loaded when it is shown.
    await load().catch(() => undefined);
  }
}

/** False until what is around the caller was painted, and the browser had nothing else to do. */
export function useIsIdle(): boolean {
  const [isIdle, setIsIdle] = useState(false);
  useEffect(() => {
    let isGone = false;
    requestAnimationFrame(() => void idle().then(() => !isGone && setIsIdle(true)));
    return () => {
      isGone = true;
    };
  }, []);
  return isIdle;
}

const LONGEST_MS = 500;

const idle = (): Promise<void> =>
  new Promise((done) => {
    whenIdle(done, LONGEST_MS);
  });

/** Do work when the browser has painted and nothing waits, or after some milliseconds; the result takes it back. */
export function whenIdle(work: () => void, most: number): () => void {
  // Safari has no idle callbacks.
  if (!("requestIdleCallback" in globalThis)) {
    const timer = setTimeout(work, most / 10);
    return () => clearTimeout(timer);
  }
  const callback = requestIdleCallback(work, { timeout: most });
  return () => cancelIdleCallback(callback);
}
