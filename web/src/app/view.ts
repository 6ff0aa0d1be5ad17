// What is on the screen: the tab, the open dialog, the theme, and the size of the inspector.

import { create } from "zustand";

import { useFlow } from "../flow/store";
import { remember, remembered } from "./memory";

export type Tab = "canvas" | "runs" | "connections";
export type DialogName = "import" | "export" | "wizard" | "shortcuts" | "command" | "templates" | "flow";

interface View {
  tab: Tab;
  dialog: DialogName | null;
  /** What was dropped or pasted for the import dialog. */
  importText: string | null;
  theme: "light" | "dark" | null;
  inspectorWidth: number;
  hasTwoColumns: boolean;
  isInspectorOpen: boolean;
  toast: string | null;
  show: (tab: Tab) => void;
  openDialog: (dialog: DialogName | null, importText?: string) => void;
  setTheme: (theme: "light" | "dark" | null) => void;
  setInspector: (change: Partial<Pick<View, "inspectorWidth" | "hasTwoColumns" | "isInspectorOpen">>) => void;
  say: (toast: string) => void;
}

const THEME = "studio-theme";
const TOAST_MS = 2500;
let toastTimer: ReturnType<typeof setTimeout> | undefined;

export const useView = create<View>()((set) => ({
  tab: tabOf(location.hash),
  dialog: null,
  importText: null,
  theme: storedTheme(),
  inspectorWidth: 352,
  hasTwoColumns: false,
  isInspectorOpen: true,
  toast: null,
  show: (tab) => {
    const { id } = useFlow.getState();
    history.replaceState(null, "", tab === "canvas" && id !== null ? `#/canvas/${id}` : `#/${tab}`);
    set({ tab });
  },
  openDialog: (dialog, importText) => set({ dialog, importText: importText ?? null }),
  setTheme: (theme) => {
    remember(THEME, theme);
    applyTheme(theme);
    set({ theme });
  },
  setInspector: (change) => set(change),
  say: (toast) => {
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => set({ toast: null }), TOAST_MS);
    set({ toast });
  },
}));

export function applyTheme(theme: "light" | "dark" | null): void {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export function isDark(theme: "light" | "dark" | null): boolean {
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function storedTheme(): "light" | "dark" | null {
  const found = remembered(THEME);
  return found === "light" || found === "dark" ? found : null;
}

export function tabOf(hash: string): Tab {
  const found = hash.replace(/^#\/?/, "").split("/")[0];
  return found === "runs" || found === "connections" ? found : "canvas";
}
