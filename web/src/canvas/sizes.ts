// How large a node is: fixed by what its step returns, so that a result never moves a neighbour.

import type { Action } from "../api/component";
import { wordOf } from "../flow/containers";
import { isObject, type JsonObject, type Task } from "../flow/document";

export type Preview = "text" | "images" | "video" | "audio" | "object" | "line" | "expression" | "none";

const WELLS: Record<Preview, number> = {
  text: 110,
  images: 66,
  video: 110,
  audio: 54,
  object: 64,
  line: 30,
  expression: 28,
  none: 0,
};

export const NODE = { width: 240, head: 46, foot: 26 } as const;
export const PANE = { head: 42, padding: 16, gap: 28, label: 26, empty: 72 } as const;
export const NOTE = { width: 216, height: 88 } as const;
export const INPUT_HEIGHT = 40;
/** How far from its ends an edge turns. */
export const TURN = 23;
/** Where the ports below a node stand, as a part of its width. */
export const PORTS: Record<string, number> = { caseTrue: 0.3, caseFalse: 0.76, out: 0.5 };

export const wellHeight = (preview: Preview): number => WELLS[preview];

/** What the node of a step shows of its result. */
export function previewOf(task: Task, action: Action | undefined): Preview {
  if (!action) return ["condition", "var"].includes(wordOf(task)) ? "expression" : "none";
  const output = action.output ?? {};
  switch (output.type) {
    case "FILE_ENTRY":
      return filePreview(action);
    case "STRING":
      return output.dynamicSchema === true && answersJson(task) ? "object" : "text";
    case "OBJECT":
    case "ARRAY":
      return action.streams ? "text" : "object";
    default:
      return "line";
  }
}

/** The height of a node with its border. */
export function heightOf(preview: Preview, isFolded: boolean): number {
  const well = isFolded ? 0 : WELLS[preview];
  if (preview === "expression") return NODE.head + (well > 0 ? well + 12 : 0) + 2;
  return NODE.head + (well > 0 ? well + 4 : 0) + NODE.foot + 2;
}

function filePreview(action: Action): Preview {
  if (/audio/i.test(action.group)) return "audio";
  if (/video/i.test(action.group)) return "video";
  return /image/i.test(action.group) ? "images" : "line";
}

function answersJson(task: Task): boolean {
  const response: JsonObject[string] = task.parameters?.response;
  return isObject(response) && response.responseFormat === "JSON";
}
