// The text of an editor is plain text nodes and one element for each pill. Offsets count characters of the text.

import { segmentsOf } from "./segments";

export interface Chip {
  element: HTMLElement;
  expression: string;
}

/** Put a text into the editor, and return its chips. */
export function draw(root: HTMLElement, text: string): Chip[] {
  const chips: Chip[] = [];
  const nodes = segmentsOf(text).map((segment): Node => {
    if (!("pill" in segment)) return document.createTextNode(segment.text);
    const element = document.createElement("span");
    element.className = "pill";
    element.contentEditable = "false";
    element.dataset.pill = segment.pill;
    chips.push({ element, expression: segment.pill });
    return element;
  });
  // Without a last line break the caret finds no place after a chip or in an empty last line.
  if (text === "" || text.endsWith("\n") || text.endsWith("}")) {
    const filler = document.createElement("br");
    filler.dataset.filler = "";
    nodes.push(filler);
  }
  root.replaceChildren(...nodes);
  return chips;
}

export function textOf(node: Node): string {
  if (node instanceof Text) return node.data;
  if (!(node instanceof HTMLElement)) return [...node.childNodes].map(textOf).join("");
  if (node.dataset.pill !== undefined) return `\${${node.dataset.pill}}`;
  if (node.tagName === "BR") return node.dataset.filler === undefined && node.nextSibling ? "\n" : "";
  return [...node.childNodes].map(textOf).join("");
}

/** The selected part of the editor; undefined if the selection is elsewhere. */
export function selectionIn(root: HTMLElement): [start: number, end: number] | undefined {
  const selection = getSelection();
  if (!selection || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.commonAncestorContainer)) return undefined;
  const start = offsetOf(root, range.startContainer, range.startOffset);
  return [start, range.collapsed ? start : offsetOf(root, range.endContainer, range.endOffset)];
}

/** Count the text before a place, without a copy of it: a prompt can have thousands of chips. */
function offsetOf(root: HTMLElement, node: Node, offset: number): number {
  // A place inside a chip is the one behind it.
  const chip = (node instanceof Element ? node : node.parentElement)?.closest("[data-pill]");
  const isText = !chip && node instanceof Text;
  let count = isText ? offset : lengthOf(chip ? [chip] : [...node.childNodes].slice(0, offset));
  for (let at: Node | null = chip ?? node; at && at !== root; at = at.parentNode)
    for (let before = at.previousSibling; before; before = before.previousSibling) count += textOf(before).length;
  return count;
}

const lengthOf = (nodes: readonly Node[]): number => nodes.reduce((sum, node) => sum + textOf(node).length, 0);

export function select(root: HTMLElement, start: number, end = start): void {
  const [from, to] = [pointAt(root, start), pointAt(root, end)];
  getSelection()?.setBaseAndExtent(...from, ...to);
}

function pointAt(root: HTMLElement, offset: number): [Node, number] {
  let rest = offset;
  const nodes = [...root.childNodes];
  for (const [index, node] of nodes.entries()) {
    const { length } = textOf(node);
    if (rest <= length && node instanceof Text) return [node, rest];
    if (rest === 0) return [root, index];
    if (rest < length) return [root, index + 1];
    rest -= length;
  }
  return [root, nodes.at(-1) instanceof HTMLBRElement ? nodes.length - 1 : nodes.length];
}

/** Put the caret where the mouse is. */
export function placeCaret(x: number, y: number): void {
  const at = "caretPositionFromPoint" in document ? document.caretPositionFromPoint(x, y) : null;
  if (at) getSelection()?.collapse(at.offsetNode, at.offset);
}

/** The chip directly before or after the caret. */
export function chipBeside(root: HTMLElement, side: "before" | "after"): HTMLElement | undefined {
  const selection = getSelection();
  if (!selection?.isCollapsed || !selection.anchorNode || !root.contains(selection.anchorNode)) return undefined;
  const { anchorNode: node, anchorOffset: offset } = selection;
  const neighbour =
    node instanceof Text
      ? side === "before" && offset === 0 ? node.previousSibling : side === "after" && offset === node.length ? node.nextSibling : null
      : node.childNodes[side === "before" ? offset - 1 : offset];
  return neighbour instanceof HTMLElement && neighbour.dataset.pill !== undefined ? neighbour : undefined;
}

export function selectChip(chip: HTMLElement): void {
  const range = document.createRange();
  range.selectNode(chip);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

export function selectedChip(root: HTMLElement): HTMLElement | undefined {
  return [...root.querySelectorAll<HTMLElement>("[data-pill].is-selected")][0];
}

/** Mark the chips inside the selection. */
export function markSelected(root: HTMLElement): void {
  const selection = getSelection();
  const isHere = selection !== null && !selection.isCollapsed && root.contains(selection.anchorNode);
  for (const chip of root.querySelectorAll<HTMLElement>("[data-pill]"))
    chip.classList.toggle("is-selected", isHere && selection.containsNode(chip, false));
}
