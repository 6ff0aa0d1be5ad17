// What the palette offers, and what is dragged out of it.

import type { Action, Component } from "../api/component";
import type { Kind } from "../flow/edits";
import { words } from "../words";

export const CHIPS = ["condition", "each", "map", "loop", "parallel", "branch", "on-error", "var"] as const;
/** Words that the menu offers besides the chips. */
export const MORE_WORDS = ["fork-join", "terminate", "loop-break"] as const;
const FOLDED = new Set(["Catalogue", "Account"]);

export interface Group {
  name: string;
  actions: Action[];
  isFolded: boolean;
}

/** The groups of the definition in its order; those that people add seldom are folded, at the end. */
export function groupsOf(component: Component): Group[] {
  const groups = new Map<string, Action[]>();
  for (const action of component.actions) groups.set(action.group, [...(groups.get(action.group) ?? []), action]);
  const all = [...groups].map(([name, actions]) => ({ name, actions, isFolded: FOLDED.has(name) }));
  return [...all.filter((one) => !one.isFolded), ...all.filter((one) => one.isFolded)];
}

/** How well a text fits an action or a word: 0 not at all, more is better. */
export function fitOf(kind: Kind, text: string): number {
  const query = text.trim().toLowerCase();
  if (!query) return 1;
  const keywords = typeof kind === "string" ? (words.canvas.flowKeywords[kind] ?? []) : (kind.keywords ?? []);
  const [title, name, rest] =
    typeof kind === "string"
      ? [words.canvas.flowWords[kind] ?? kind, kind, words.canvas.flowHelp[kind] ?? ""]
      : [kind.title, kind.name, `${kind.group} ${kind.description} ${keywords.join(" ")}`];
  const titled = title.toLowerCase();
  if (titled === query) return 7;
  if (titled.startsWith(query)) return 6;
  if (titled.split(" ").some((word) => word.startsWith(query))) return 5;
  if (keywords.some((word) => word.startsWith(query))) return 4;
  if (titled.includes(query) || name.toLowerCase().includes(query)) return 3;
  const words_ = query.split(/\s+/);
  if (words_.every((word) => titled.includes(word) || rest.toLowerCase().includes(word))) return 2;
  return 0;
}

let dragged: Kind | undefined;
export const startDrag = (kind: Kind): void => {
  dragged = kind;
};
export const endDrag = (): void => {
  dragged = undefined;
};
export const draggedKind = (): Kind | undefined => dragged;
