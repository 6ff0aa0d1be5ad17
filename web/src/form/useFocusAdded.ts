// A new item of a list has the focus: what is typed next belongs to it, not to the button that added it.

import { useEffect, useRef, type RefObject } from "react";

interface FocusAdded {
  /** For the element around the rows. */
  ref: RefObject<HTMLDivElement | null>;
  /** Say that an item is added: its first field has the focus as soon as it is drawn. */
  added: () => void;
}

export function useFocusAdded(count: number, rows = ":scope > .list-row"): FocusAdded {
  const ref = useRef<HTMLDivElement>(null);
  const isAdded = useRef(false);
  useEffect(() => {
    if (!isAdded.current) return;
    isAdded.current = false;
    const row = [...(ref.current?.querySelectorAll<HTMLElement>(rows) ?? [])].at(-1);
    // Not a tool beside a label.
    const field = [...(row?.querySelectorAll<HTMLElement>("input, textarea, select, [role=textbox], button") ?? [])].find((one) => !one.closest(".field-head"));
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
  }, [count, rows]);
  const added = (): void => {
    isAdded.current = true;
  };
  return { ref, added };
}
