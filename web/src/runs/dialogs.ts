// The open dialog of the run bar, which other rooms open as well.

import { create } from "zustand";

export type RunDialogName = "run" | "rehearse" | "cancel" | null;

interface RunDialogs {
  dialog: RunDialogName;
  /** The step at the top of the flow where the run begins, with what is recorded of the steps before it; null for the whole flow. */
  from: string | null;
}

export const useRunDialog = create<RunDialogs>()(() => ({ dialog: null, from: null }));

export const openRunDialog = (dialog: RunDialogName, from: string | null = null): void => useRunDialog.setState({ dialog, from });
