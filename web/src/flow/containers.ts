// The words of a flow that hold other steps, and where each holds them.

import { isObject, type Json, type JsonObject, type Task } from "./document";

export interface Slot {
  /** Names the list within its container: `caseTrue`, `cases[1]`, `branches[0]`. */
  key: string;
  tasks: Task[];
}

/** The first part of a type: `each` of `each/v1`, `openRouter` of `openRouter/v1/ask`. */
export const wordOf = (task: Task): string => task.type.split("/")[0] ?? "";

/** The action of a type: `ask` of `openRouter/v1/ask`; empty for a word of the flow. */
export const actionOf = (task: Task): string => task.type.split("/")[2] ?? "";

const LISTS: Record<string, readonly string[]> = {
  condition: ["caseTrue", "caseFalse"],
  each: ["iteratee"],
  map: ["iteratee"],
  loop: ["iteratee"],
  parallel: ["tasks"],
  "on-error": ["main-branch", "on-error-branch"],
};
const NUMBERED: Record<string, string> = { branch: "cases", "fork-join": "branches" };

export const REPEATING: ReadonlySet<string> = new Set(["each", "map", "loop"]);

export function isContainer(task: Task): boolean {
  const word = wordOf(task);
  return word in LISTS || word in NUMBERED;
}

export function slotsOf(task: Task): Slot[] {
  const word = wordOf(task);
  const parameters = task.parameters ?? {};
  const lists = (LISTS[word] ?? []).map((key) => ({ key, tasks: tasksIn(parameters[key]) }));
  const listed = parameters[NUMBERED[word] ?? ""];
  const numbered = (Array.isArray(listed) ? listed : []).map((one, index) => ({
    key: `${NUMBERED[word] ?? ""}[${index}]`,
    tasks: tasksIn(word === "branch" && isObject(one) ? one.tasks : one),
  }));
  const rest = word === "branch" ? [{ key: "default", tasks: tasksIn(parameters.default) }] : [];
  return [...lists, ...numbered, ...rest];
}

export function withSlot(task: Task, key: string, tasks: Task[]): Task {
  const parameters = task.parameters ?? {};
  const found = /^(\w+)\[(\d+)\]$/.exec(key);
  if (!found) return { ...task, parameters: { ...parameters, [key]: tasks } };
  const [, list = "", number = ""] = found;
  const old = parameters[list];
  const changed = (Array.isArray(old) ? old : []).map((one, index): Json => {
    if (index !== Number(number)) return one;
    return isObject(one) ? { ...one, tasks } : tasks;
  });
  return { ...task, parameters: { ...parameters, [list]: changed } };
}

/** The parameters of a container without the steps inside it. */
export function ownParameters(task: Task): JsonObject {
  const word = wordOf(task);
  const inside = [...(LISTS[word] ?? []), ...(word === "fork-join" ? ["branches"] : []), ...(word === "branch" ? ["default"] : [])];
  const own = Object.entries(task.parameters ?? {}).filter(([key]) => !inside.includes(key));
  return Object.fromEntries(
    own.map(([key, value]) => [
      key,
      word === "branch" && key === "cases" && Array.isArray(value) ? value.map(withoutTasks) : value,
    ]),
  );
}

/** The parameters that a new container begins with. */
export function newParameters(word: string): JsonObject {
  switch (word) {
    case "condition":
      return { rawExpression: true, expression: "", caseTrue: [], caseFalse: [] };
    case "branch":
      return { expression: "", cases: [{ key: "", tasks: [] }], default: [] };
    case "fork-join":
      return { branches: [[], []] };
    case "loop":
    case "each":
    case "map":
      // Without `items`: an empty list would run nothing, and nobody would be asked for a list.
      return { iteratee: [] };
    case "var":
      return { value: "" };
    default:
      return Object.fromEntries((LISTS[word] ?? []).map((key) => [key, []]));
  }
}

function withoutTasks(one: Json): Json {
  if (!isObject(one)) return one;
  const { tasks: _, ...rest } = one;
  return rest;
}

function tasksIn(value: Json | undefined): Task[] {
  if (Array.isArray(value)) return value.filter(isTask);
  return value !== undefined && isTask(value) ? [value] : [];
}

function isTask(value: Json): value is Task {
  return isObject(value) && typeof value.name === "string" && typeof value.type === "string";
}
