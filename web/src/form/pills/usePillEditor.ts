// How the editor of pills behaves: drawing, typing, completing, and the keys at a chip.

import { useEffect, useLayoutEffect, useRef, useState, type ClipboardEvent, type DragEvent, type KeyboardEvent, type RefObject } from "react";

import { pillsOf } from "../../flow/expressions";
import { useFlow } from "../../flow/store";
import { FLOW_FIELD } from "../drag";
import { chipBeside, draw, markSelected, select, selectChip, selectedChip, selectionIn, placeCaret, textOf, type Chip } from "./dom";
import type { Readable } from "./readable";
import { openPill } from "./segments";
import { useSuggestions, type Suggestions } from "./useSuggestions";

interface Options {
  value: string;
  onChange: (text: string) => void;
  isMultiline?: boolean;
  autoFocus?: boolean;
}

export interface PillEditing {
  root: RefObject<HTMLDivElement | null>;
  chips: Chip[];
  caret: DOMRect | null;
  list: Suggestions;
  choose: (field: Readable) => void;
  leave: () => void;
  changed: () => void;
  keyDown: (event: KeyboardEvent) => void;
  clip: (event: ClipboardEvent) => void;
  paste: (event: ClipboardEvent) => void;
  drop: (event: DragEvent) => void;
  editChip: (chip: HTMLElement) => void;
  compose: (isComposing: boolean) => void;
}

export function usePillEditor(props: Options): PillEditing {
  const { value, onChange } = props;
  const root = useRef<HTMLDivElement>(null);
  const [chips, setChips] = useState<Chip[]>([]);
  const [caret, setCaret] = useState<DOMRect | null>(null);
  const list = useSuggestions();
  const isComposing = useRef(false);
  /** Whether the open pill was a chip before: then leaving it makes a chip of it again. */
  const reopened = useRef(false);

  useLayoutEffect(() => {
    const editor = root.current;
    if (!editor || (editor.dataset.drawn !== undefined && textOf(editor) === value)) return;
    const before = document.activeElement === editor ? selectionIn(editor) : undefined;
    const old = textOf(editor);
    setChips(draw(editor, value));
    editor.dataset.drawn = "";
    if (before) select(editor, Math.min(value.length, before[1] + Math.max(0, value.length - old.length)));
  }, [value]);

  useEffect(() => {
    if (props.autoFocus && root.current) {
      root.current.focus();
      select(root.current, textOf(root.current).length);
    }
  }, [props.autoFocus]);

  useEffect(() => {
    const mark = (): void => {
      if (root.current) markSelected(root.current);
    };
    document.addEventListener("selectionchange", mark);
    return () => document.removeEventListener("selectionchange", mark);
  }, []);

  /** Replace a part of the text, and put the caret behind what came. */
  const put = (start: number, end: number, text: string): void => {
    const editor = root.current;
    if (!editor) return;
    const old = textOf(editor);
    const clean = props.isMultiline ? text.replace(/\r\n?/g, "\n") : text.replace(/[\r\n]+/g, " ");
    const next = old.slice(0, start) + clean + old.slice(end);
    setChips(draw(editor, next));
    editor.focus();
    select(editor, start + clean.length);
    onChange(next);
    suggest(editor, next);
  };
  const suggest = (editor: HTMLElement, text: string): void => {
    const at = selectionIn(editor)?.[1] ?? 0;
    const open = openPill(text, at);
    if (!open) {
      reopened.current = false;
      list.close(); return;
    }
    list.open(open.query);
    const range = getSelection()?.getRangeAt(0).cloneRange();
    setCaret(range?.getClientRects()[0] ?? editor.getBoundingClientRect());
  };
  const changed = (): void => {
    const editor = root.current;
    if (!editor || isComposing.current) return;
    const text = textOf(editor);
    // A pill that was typed to its end, or one that was torn apart.
    if (pillsOf(text).length !== editor.querySelectorAll("[data-pill]").length || text === "") {
      const at = selectionIn(editor)?.[1] ?? text.length;
      setChips(draw(editor, text));
      select(editor, at);
    }
    onChange(text);
    suggest(editor, text);
  };
  const choose = (field: Readable): void => {
    const editor = root.current;
    if (!editor) return;
    const text = textOf(editor);
    const at = selectionIn(editor)?.[1] ?? text.length;
    const open = openPill(text, at);
    if (open) put(open.start, at, `\${${field.expression}}`);
    list.close();
  };
  const editChip = (chip: HTMLElement): void => {
    const editor = root.current;
    if (!editor) return;
    const expression = chip.dataset.pill ?? "";
    selectChip(chip);
    const [start] = selectionIn(editor) ?? [0];
    put(start, start + expression.length + 3, `\${${expression}`);
    reopened.current = true;
  };
  /** Close the list; a chip whose path was being edited becomes one again. */
  const leave = (): void => {
    const editor = root.current;
    list.close();
    if (!editor || !reopened.current) return;
    reopened.current = false;
    const text = textOf(editor);
    const at = selectionIn(editor)?.[1] ?? text.length;
    if (openPill(text, at)) put(at, at, "}");
  };
  const keyDown = (event: KeyboardEvent): void => {
    const editor = root.current;
    if (!editor || isComposing.current) return;
    const stop = (): void => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (list.isOpen && list.found.length > 0) {
      const field = list.found[list.at];
      const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
      if (isArrow) list.move(event.key === "ArrowDown" ? 1 : -1);
      else if ((event.key === "Enter" || event.key === "Tab") && field) choose(field);
      if (isArrow || event.key === "Enter" || event.key === "Tab") {
        stop();
        return;
      }
    }
    if (event.key === "Escape" && list.isOpen) {
      stop();
      leave();
      return;
    }
    const chip = selectedChip(editor);
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      stop();
      const [start, end] = selectionIn(editor) ?? [0, 0];
      if (chip) editChip(chip);
      else if (props.isMultiline) put(start, end, "\n");
    } else if (event.key === "Backspace" || event.key === "Delete") {
      const beside = chipBeside(editor, event.key === "Backspace" ? "before" : "after");
      const [start, end] = selectionIn(editor) ?? [0, 0];
      if (beside) selectChip(beside);
      else if (chip && end > start) put(start, end, "");
      else return;
      stop();
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      // The drawing of chips breaks the browser's own undo, and the flow has one for each keystroke group.
      stop();
      const flow = useFlow.getState();
      if (event.shiftKey) flow.redo();
      else flow.undo();
    }
  };
  const clip = (event: ClipboardEvent): void => {
    const editor = root.current;
    const part = editor ? selectionIn(editor) : undefined;
    if (!editor || !part || part[0] === part[1]) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", textOf(editor).slice(...part));
    if (event.type === "cut") put(...part, "");
  };
  const drop = (event: DragEvent): void => {
    const text = event.dataTransfer.getData(FLOW_FIELD);
    const editor = root.current;
    if (!text || !editor) return;
    event.preventDefault();
    event.stopPropagation();
    placeCaret(event.clientX, event.clientY);
    const at = selectionIn(editor)?.[0] ?? textOf(editor).length;
    put(at, at, text);
  };

  const paste = (event: ClipboardEvent): void => {
    event.preventDefault();
    const part = root.current && selectionIn(root.current);
    if (part) put(...part, event.clipboardData.getData("text/plain"));
  };
  const compose = (isOn: boolean): void => {
    isComposing.current = isOn;
    if (!isOn) changed();
  };
  return { root, chips, caret, list, choose, leave, changed, keyDown, clip, paste, drop, editChip, compose };
}
