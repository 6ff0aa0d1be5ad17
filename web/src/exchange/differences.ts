// How two versions of a flow differ, step by step.

import { ownParameters } from "../flow/containers";
import type { FlowDocument } from "../flow/document";
import { stepsOf } from "../flow/tree";

export interface Difference {
  kind: "mine" | "theirs" | "changed";
  /** The label or the name of a step; empty for the flow itself. */
  step: string;
  /** The names of what differs, if both have the step. */
  fields: string[];
}

export function differencesOf(mine: FlowDocument, theirs: FlowDocument): Difference[] {
  const [own, other] = [byName(mine), byName(theirs)];
  const steps = [...new Set([...own.keys(), ...other.keys()])].flatMap((name): Difference[] => {
    const [a, b] = [own.get(name), other.get(name)];
    if (!b) return [{ kind: "mine", step: a?.title ?? name, fields: [] }];
    if (!a) return [{ kind: "theirs", step: b.title, fields: [] }];
    const fields = changedKeys(a.fields, b.fields);
    return fields.length > 0 ? [{ kind: "changed", step: a.title, fields }] : [];
  });
  const fields = changedKeys({ ...mine, tasks: order(mine) }, { ...theirs, tasks: order(theirs) });
  return fields.length > 0 ? [{ kind: "changed", step: "", fields }, ...steps] : steps;
}

function byName(flow: FlowDocument): Map<string, { title: string; fields: Record<string, unknown> }> {
  return new Map(
    stepsOf(flow).map(({ task, place }) => {
      const { parameters: _, ...rest } = task;
      const fields = { ...rest, ...ownParameters(task), place: [place.container, place.slot] };
      return [task.name, { title: task.label ?? task.name, fields }];
    }),
  );
}

/** Steps that only one of them has are told by name; here only their number counts. */
const order = (flow: FlowDocument): number => flow.tasks.length;

function changedKeys(a: Record<string, unknown>, b: Record<string, unknown>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]),
  );
}
