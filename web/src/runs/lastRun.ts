// The run that this window shows, so that a reload in the middle of it shows it again.

import { useFlow } from "../flow/store";

const KEY = "studio-run";

interface LastRun {
  id: string;
  /** The id of the stored flow that it belongs to. */
  flow: string;
}

export function keepLastRun(id: string): void {
  const { id: flow } = useFlow.getState();
  try {
    if (flow === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ id, flow } satisfies LastRun));
  } catch {
    // A full storage only costs the memory of which run was shown; the list of runs has it.
  }
}

export const forgetLastRun = (): void => sessionStorage.removeItem(KEY);

export function lastRun(): LastRun | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as LastRun | null;
  } catch {
    return null;
  }
}
