// Models of an example that the connection does not have.

import { withValue } from "../form/paths";
import { stepAt } from "./check";
import type { FlowDocument } from "./document";
import { replace } from "./tree";

interface Problem {
  path: string;
  message: string;
}

/**
 * The flow with models and voices that the connection has, as far as the problems of its check name some.
 * Only a model of the sandbox is chosen, which costs nothing; any other one is left to choose.
 */
export function withOwnModels(flow: FlowDocument, problems: readonly Problem[]): FlowDocument {
  return problems.reduce((one, { path, message }) => {
    const noModel = /^there is no model '[^']*'(?:.*'(sandbox\/[^']+)')?/.exec(message);
    const [, offered] = /does not offer .*; it offers ([^,]+)/.exec(message) ?? [];
    if (!noModel && offered === undefined) return one;
    const [name, at] = stepAt(one, path);
    return replace(one, name, (task) => ({ ...task, parameters: withValue(task.parameters ?? {}, at, noModel ? noModel[1] : offered) }));
  }, flow);
}
