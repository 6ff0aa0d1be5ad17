// One tab stop for a list of buttons: arrow keys, Home and End go from one to the next.

import { useEffect, useRef, type FocusEvent, type KeyboardEvent, type RefObject } from "react";

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

interface Roving<E extends HTMLElement> {
  ref: RefObject<E | null>;
  onKeyDown: (event: KeyboardEvent) => void;
  onFocus: (event: FocusEvent) => void;
}

/** For the element around the buttons; a button that is drawn later begins with `tabIndex={-1}`. */
export function useRoving<E extends HTMLElement>(): Roving<E> {
  const ref = useRef<E>(null);
  const current = useRef<HTMLElement | null>(null);
  const all = (): HTMLElement[] => [...(ref.current?.querySelectorAll<HTMLElement>("button:not(:disabled)") ?? [])];
  const mark = (): void => {
    const buttons = all();
    const stop = buttons.find((one) => one === current.current) ?? buttons[0];
    for (const one of buttons) one.tabIndex = one === stop ? 0 : -1;
  };
  useEffect(mark);
  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = all();
    const at = buttons.indexOf(event.target as HTMLElement);
    const by = STEPS[event.key];
    const next = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : by === undefined ? undefined : at + by;
    if (at < 0 || next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[next]?.focus();
  };
  const onFocus = (event: FocusEvent): void => {
    if (!all().includes(event.target as HTMLElement)) return;
    current.current = event.target as HTMLElement;
    mark();
  };
  return { ref, onKeyDown, onFocus };
}
