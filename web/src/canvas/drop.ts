// Where a step lands that is dropped on a pane or on a condition.

import type { Point } from "../flow/document";
import type { GraphNode } from "./graph";
import { absolute, useScene } from "./scene";
import { PANE } from "./sizes";
import type { DropTarget } from "./ui";

/** The list under a point, and the place in it; undefined on the bare canvas. */
export function dropAt(point: Point, moving: ReadonlySet<string> = new Set()): DropTarget | undefined {
  const { graph, byId, layout } = useScene.getState();
  const hit = graph.nodes.filter((node) => {
    if (node.kind !== "pane" && node.kind !== "condition") return false;
    if (moving.has(node.id) || node.around.some((one) => moving.has(one.name))) return false;
    const box = layout.boxes[node.id];
    const at = absolute(node.id, byId, layout);
    return box && point.x >= at.x && point.x <= at.x + box.width && point.y >= at.y && point.y <= at.y + box.height;
  });
  const node = hit.at(-1);
  if (!node) return undefined;
  const at = absolute(node.id, byId, layout);
  if (node.kind === "condition") {
    const slot = point.x - at.x < (layout.boxes[node.id]?.width ?? 0) * 0.53 ? "caseTrue" : "caseFalse";
    return { id: node.id, slot, index: membersOf(graph.nodes, node.id, slot).length, y: 0 };
  }
  const columns = layout.columns[node.id] ?? [];
  const column = columns.find((one) => point.x - at.x < one.x + one.width + PANE.gap / 2) ?? columns.at(-1);
  if (!column) return undefined;
  const members = membersOf(graph.nodes, node.id, column.key);
  const boxes = members.flatMap((one) => layout.boxes[one.id] ?? []);
  const after = boxes.filter((box) => at.y + box.y + box.height / 2 < point.y);
  const index = after.length;
  const last = boxes[index - 1];
  const next = boxes[index];
  const y = next ? next.y - 8 : last ? last.y + last.height + 8 : PANE.head;
  return { id: node.id, slot: column.key, index, y };
}

const membersOf = (nodes: GraphNode[], id: string, slot: string): GraphNode[] =>
  nodes.filter((node) => {
    const inner = node.within.at(-1);
    return inner?.[0] === id && inner[1] === slot;
  });
