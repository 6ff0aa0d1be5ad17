// The place of a step in a run: `each_1[2].condition_1.ask_1` names the containers around it and their items.

import { REPEATING, wordOf } from "../flow/containers";
import type { FlowDocument } from "../flow/document";
import { find } from "../flow/tree";

/** A container around a step. */
export interface Around {
  name: string;
  /** Whether it runs its steps once for each item. */
  repeats: boolean;
}

/** The place of a step: inside containers that repeat, that of the item which is shown. */
export function placeOf(name: string, around: readonly Around[], shown: Record<string, number>): string {
  let place = "";
  for (const one of around) {
    const container = place + one.name;
    place = `${container}${one.repeats ? `[${shown[container] ?? 0}]` : ""}.`;
  }
  return place + name;
}

/** Of a run of one step: the place of that step in the open flow. */
export interface OnePlace {
  step: string;
  /** Before its name, such as `each_1[2].`. */
  prefix: string;
}

export function onePlace(flow: FlowDocument, step: string, shown: Record<string, number>): OnePlace {
  const place = placeOf(step, aroundOf(flow, step), shown);
  return { step, prefix: place.slice(0, place.length - step.length) };
}

/** The place of the only step that a document has, if it is a step of the open flow; undefined for a whole flow. */
export function onePlaceOf(document: FlowDocument, flow: FlowDocument, shown: Record<string, number>): OnePlace | undefined {
  const [task, second] = document.tasks;
  const isWhole = flow.tasks.length === 1 && flow.tasks[0]?.name === task?.name;
  return task && !second && !isWhole && find(flow, task.name) ? onePlace(flow, task.name, shown) : undefined;
}

/** The containers around a step of a flow, the outermost first. */
export function aroundOf(flow: FlowDocument, name: string): Around[] {
  return (find(flow, name)?.around ?? []).map((one) => {
    const task = find(flow, one)?.task;
    return { name: one, repeats: task !== undefined && REPEATING.has(wordOf(task)) };
  });
}
