// Favourite and recent models, kept in this browser.

import { create } from "zustand";

import { remember, remembered } from "../../app/memory";

interface Kept {
  favourites: string[];
  recent: string[];
  toggle: (id: string) => void;
  use: (id: string) => void;
}

const [FAVOURITES, RECENT] = ["studio-favourite-models", "studio-recent-models"];
const MOST_RECENT = 5;

export const useKept = create<Kept>()((set, get) => ({
  favourites: stored(FAVOURITES),
  recent: stored(RECENT),
  toggle: (id) => {
    const { favourites } = get();
    const next = favourites.includes(id) ? favourites.filter((one) => one !== id) : [...favourites, id];
    store(FAVOURITES, next);
    set({ favourites: next });
  },
  use: (id) => {
    const next = [id, ...get().recent.filter((one) => one !== id)].slice(0, MOST_RECENT);
    store(RECENT, next);
    set({ recent: next });
  },
}));

function stored(key: string): string[] {
  try {
    const found: unknown = JSON.parse(remembered(key) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

const store = (key: string, ids: string[]): boolean => remember(key, JSON.stringify(ids));
