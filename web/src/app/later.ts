// Parts that are not on the screen at first: each is a script of its own, loaded once the browser is idle.

import { lazy, useEffect, useState, type FunctionComponent, type LazyExoticComponent } from "react";

import { words } from "../words";

const parts: (() => Promise<unknown>)[] = [];

/** A component that is loaded when it is first shown, or before that by `loadParts`. Without a server it is waited for. */
export function later<P>(load: () => Promise<FunctionComponent<P>>): LazyExoticComponent<FunctionComponent<P>> {
  parts.push(load);
  return lazy(async () => ({ default: await loadedAtLast(load) }));
}

const AGAIN_MS = 1000;

/** What `load` gives, tried again while the server does not answer; an answer that holds no such part ends it. */
export async function loadedAtLast<T>(load: () => Promise<T>, isServerThere = answers): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await load();
    } catch (error) {
      // Two tries, since the server may have come back between the first and the question.
      if (tries > 1 && (await isServerThere())) throw new Error(words.app.isOld, { cause: error });
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

const answers = (): Promise<boolean> =>
  fetch("./").then(
    () => true,
    () => false,
  );

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
