// What an import brought, sorted for people; and how it is added to the open flow. Pure.

import type { Schemas } from "../api/client";
import { stepAt } from "../flow/check";
import { isUnnamed, type FlowDocument } from "../flow/document";
import { renamedIn } from "../flow/expressions";
import { freshName, namesTaken, stepsOf, withFreshNames } from "../flow/tree";
import { words } from "../words";

export const KINDS = ["choose", "dropped", "secret", "converted", "renamed", "kept"] as const;
export type Kind = (typeof KINDS)[number];

export interface NumberedFix {
  number: number;
  kind: Kind;
  source: string;
  place: string;
  message: string;
  /** The name of the step at the place; empty for the flow itself. */
  step: string;
}

/** As the server reports it, which may know more kinds than this page. */
type ReportedFix = Omit<Schemas["ImportFix"], "kind"> & { kind: string };

export function numbered(flow: FlowDocument, fixes: readonly ReportedFix[]): NumberedFix[] {
  return fixes.map((fix, index) => ({
    ...fix,
    kind: KINDS.find((kind) => kind === fix.kind) ?? "converted",
    number: index + 1,
    step: stepAt(flow, fix.place)[0],
  }));
}

/** The open flow with the steps and inputs of another one behind its own; an empty flow without a name becomes the other one. */
export function added(flow: FlowDocument, other: FlowDocument): FlowDocument {
  if (flow.tasks.length === 0 && (flow.inputs ?? []).length === 0 && isUnnamed(flow, words.app.untitled)) return { ...flow, ...other, label: other.label || flow.label || "" };
  const steps = new Set(stepsOf(flow).map(({ task }) => task.name));
  let brought = other;
  for (const { name } of other.inputs ?? []) {
    if (!steps.has(name)) continue;
    const fresh = freshName([...namesTaken(flow), ...namesTaken(brought)], name);
    const inputs = (brought.inputs ?? []).map((input) => (input.name === name ? { ...input, name: fresh } : input));
    brought = { ...renamedIn(brought, name, fresh), inputs };
  }
  const own = new Set((flow.inputs ?? []).map((input) => input.name));
  const inputs = (brought.inputs ?? []).filter((input) => !own.has(input.name));
  const free: FlowDocument = { ...flow, inputs: (flow.inputs ?? []).filter((one) => !(brought.inputs ?? []).some(({ name }) => name === one.name)) };
  return {
    ...flow,
    tasks: [...flow.tasks, ...withFreshNames(free, brought.tasks)],
    ...(inputs.length > 0 ? { inputs: [...(flow.inputs ?? []), ...inputs] } : {}),
  };
}
