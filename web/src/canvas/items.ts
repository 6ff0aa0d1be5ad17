// The items of a container that repeats, as far as a run knows them.

import type { RunState, StepStatus } from "../runs/state";

/** The state of each item of a container, as far as the run knows how many there are. */
export function itemsIn(run: RunState, place: string): StepStatus[] {
  const found = new Map<number, StepStatus[]>();
  for (const step of Object.values(run.steps)) {
    if (!step.place.startsWith(`${place}[`)) continue;
    const index = Number.parseInt(step.place.slice(place.length + 1), 10);
    found.set(index, [...(found.get(index) ?? []), step.status]);
  }
  const container = run.steps[place];
  const count = Math.max(container?.progress?.total ?? 0, ...[...found.keys()].map((index) => index + 1));
  const passed = container?.progress?.done ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const inside = found.get(index);
    if (!inside) return container?.status === "done" || index < passed ? "done" : "waiting";
    return (["failed", "doubt", "running"] as const).find((one) => inside.includes(one)) ?? "done";
  });
}
