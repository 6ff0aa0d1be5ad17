// What a node shows before its step has run: the text of its main field, its model, the words of its state.

import type { Action } from "../api/component";
import { wordOf } from "../flow/containers";
import { isObject, type Json, type Task } from "../flow/document";
import type { StepRun } from "../runs/state";
import { words } from "../words";

/** The words of the main field, also of a list of messages. */
export function mainText(task: Task, action: Action | undefined): string {
  const parameters = task.parameters ?? {};
  if (action) return wordsIn(action.main === undefined ? null : (parameters[action.main] ?? null)).join(" ").trim();
  const word = wordOf(task);
  if (word === "var") return formulaOf(parameters.value ?? null);
  if (word !== "condition") return "";
  return typeof parameters.expression === "string" && parameters.expression ? parameters.expression : comparisons(parameters.conditions ?? null);
}

const SKIPPED = new Set(["role", "type", "mimeType", "extension", "url", "weight"]);

function wordsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (Array.isArray(value)) return value.flatMap(wordsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, one]) => (SKIPPED.has(key) ? [] : wordsIn(one ?? null)));
}

const formulaOf = (value: Json): string => (typeof value === "string" ? value : value === null ? "" : JSON.stringify(value));

/** A list of lists of comparisons as one line: `a == 1 and b > 2 or c != 3`. */
function comparisons(value: Json): string {
  if (!Array.isArray(value)) return "";
  return value
    .map((all) => (Array.isArray(all) ? all : [all]).filter(isObject).map((one) => `${part(one.value1)} ${part(one.operation)} ${part(one.value2)}`.trim()).join(" and "))
    .filter(Boolean)
    .join(" or ");
}

const part = (value: Json | undefined): string => (typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value));

export const wholeModel = (task: Task): string => {
  const model = task.parameters?.model;
  return typeof model === "string" && !model.includes("${") ? model : "";
};

/** A model without its maker: `claude-haiku-4.5`. */
export const shortModel = (task: Task): string => wholeModel(task).split("/").at(-1) ?? "";

export const titleOfTask = (task: Task, action: Action | undefined): string =>
  task.label ?? action?.title ?? words.canvas.flowWords[wordOf(task)] ?? task.name;

export function runningText(step: StepRun): string {
  if (step.progress) return words.canvas.runningOf(step.progress.done, step.progress.total, step.progress.unit);
  // Four characters a token, about: the exact number comes with the end of the answer.
  if (step.text) return words.canvas.runningTokens(Math.max(1, Math.round(step.text.length / 4)));
  return words.states.running;
}
