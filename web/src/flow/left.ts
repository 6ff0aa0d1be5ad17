// Which fields a person has left or tried to run: a missing value is marked only then.

import { create } from "zustand";

import { useFlow } from "./store";
import { stepsOf } from "./tree";

interface Problem {
  path: string;
  message: string;
}

/** `ask_1.model` for a field, `ask_1` for all fields of a step. */
type Places = ReadonlySet<string>;

export const useLeft = create<{ places: Places }>()(() => ({ places: new Set() }));

useFlow.subscribe((state, before) => {
  if (state.id !== before.id && before.id !== null) useLeft.setState({ places: new Set() });
});

/** Mark what is missing from now on: in a field, or without a path in the whole step. */
export function leave(step: string, path = ""): void {
  add([path ? `${step}.${path}` : step]);
}

/** Mark what is missing in all steps, such as after a try to run the flow. */
export function leaveAll(): void {
  add(stepsOf(useFlow.getState().flow).map(({ task }) => task.name));
}

/** Whether a problem is marked: a missing value waits until a person was there. */
export function isMarked({ path, message }: Problem, step: string, places: Places): boolean {
  if (!/^is missing\b/.test(message) || places.has(step)) return true;
  const parts = path.split(/(?=[.[])/);
  return parts.some((_, index) => places.has(`${step}.${parts.slice(0, index + 1).join("")}`));
}

function add(found: string[]): void {
  const { places } = useLeft.getState();
  if (!found.every((place) => places.has(place))) useLeft.setState({ places: new Set([...places, ...found]) });
}
