// A flow as it is, played by the sandbox, with a chosen failure for chosen steps. Pure.

import type { FlowDocument, Task } from "../flow/document";
import { replace, stepsOf } from "../flow/tree";

/** A fault by the name of a step. */
export type Faults = Record<string, string>;

/** The steps that call a model of their own, with the model; null for one that is chosen while the flow runs. */
export function modelsOf(flow: FlowDocument): { task: Task; model: string | null }[] {
  return stepsOf(flow).flatMap(({ task }) => {
    const model = task.parameters?.model;
    if (typeof model !== "string" || model === "") return [];
    return [{ task, model: model.includes("${") || model.startsWith("=") ? null : model }];
  });
}

/** `rate-limited-once` as people read it. */
export const faultLabel = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1).replace(/-/g, " ")}`;

/** The flow of a rehearsal without its faults: the server puts each behind the name of a model, `made/chat:no-credits`. */
export function withoutFaults(flow: FlowDocument, faults: readonly string[]): FlowDocument {
  return modelsOf(flow).reduce((result, { task, model }) => {
    const [, plain, fault] = /^(.+):([^:]+)$/.exec(model ?? "") ?? [];
    if (plain === undefined || fault === undefined || !faults.includes(fault)) return result;
    return replace(result, task.name, (one) => ({ ...one, parameters: { ...one.parameters, model: plain } }));
  }, flow);
}
