// What the wizard was opened for: a new connection, or a new key for an old one.

import { create } from "zustand";

export type Method = "consent" | "paste" | "sandbox";

interface WizardState {
  method: Method;
  /** The connection that gets a new key. */
  target: string | null;
  begin: (method: Method, target?: string) => void;
}

export const useWizard = create<WizardState>()((set) => ({
  method: "consent",
  target: null,
  begin: (method, target) => set({ method, target: target ?? null }),
}));
