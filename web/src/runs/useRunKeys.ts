// The keys of a run: Ctrl-Shift-Enter starts the flow, Esc twice asks whether to cancel it.

import { useEffect, useState } from "react";

const TWICE_MS = 2000;

/** Returns whether Esc was pressed once, so that the bar says what a second one does. */
export function useRunKeys(isRunning: boolean, onRun: () => void, onCancel: () => void): boolean {
  const [warnedAt, setWarnedAt] = useState(0);
  useEffect(() => {
    if (warnedAt === 0) return undefined;
    const timer = setTimeout(() => setWarnedAt(0), TWICE_MS);
    return () => clearTimeout(timer);
  }, [warnedAt]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === "Enter" && event.shiftKey && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        if (!isRunning) onRun();
        return;
      }
      if (event.key !== "Escape" || !isRunning || event.defaultPrevented || isElsewhere(event.target)) return;
      if (warnedAt === 0) setWarnedAt(Date.now());
      else {
        setWarnedAt(0);
        onCancel();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [isRunning, onRun, onCancel, warnedAt]);
  return isRunning && warnedAt > 0;
}

/** In a text field, a menu or a dialog Esc has a meaning of its own. */
function isElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable=true], [role=dialog], [role=menu]") !== null;
}
