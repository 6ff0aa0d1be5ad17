// A flow as it is, played by the sandbox, with a chosen failure for chosen steps. Pure.

import type { Schemas } from "../api/client";
import type { FlowDocument, Task } from "../flow/document";
import { replace, stepsOf } from "../flow/tree";
import { words } from "../words";

/** A fault by the name of a step. */
export type Faults = Record<string, string>;

/** The connection to play with; `plays` says whether it plays models that the sandbox does not have. */
export function rehearsalConnection(connections: readonly Schemas["Connection"][]): { name: string; playsAll: boolean } | null {
  const found = connections.find((one) => one.name === "rehearsal") ?? connections.find((one) => one.name === "sandbox" && one.readOnly);
  return found ? { name: found.name, playsAll: found.name === "rehearsal" } : null;
}

/** The steps that call a model of their own. */
export function modelsOf(flow: FlowDocument): { task: Task; model: string | null }[] {
  return stepsOf(flow).flatMap(({ task }) => {
    const model = task.parameters?.model;
    if (typeof model !== "string" || model === "") return [];
    return [{ task, model: model.includes("${") || model.startsWith("=") ? null : model }];
  });
}

/** The sandbox gives a model the fault behind its name: `sandbox/echo:rate-limited`. */
export function rehearsed(flow: FlowDocument, faults: Faults): FlowDocument {
  const changed = modelsOf(flow).reduce((result, { task, model }) => {
    const fault = faults[task.name];
    if (!fault || model === null) return result;
    return replace(result, task.name, (one) => ({ ...one, parameters: { ...one.parameters, model: `${model}:${fault}` } }));
  }, flow);
  return { ...changed, label: words.runs.rehearsalOf(flow.label || words.app.untitled) };
}
