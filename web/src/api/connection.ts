// The connection that this browser uses: the default one of the server, or another that a person chose.

import { create } from "zustand";

import { remember, remembered } from "../app/memory";
import type { Schemas } from "./client";

interface ConnectionState {
  /** Null for the default one. */
  name: string | null;
  use: (name: string | null) => void;
}

const KEY = "studio-connection";

export const useConnection = create<ConnectionState>()((set) => ({
  name: remembered(KEY),
  use: (name) => {
    remember(KEY, name);
    set({ name });
  },
}));

/** Return the connection that is used; undefined without any. */
export function inUse(connections: readonly Schemas["Connection"][], chosen: string | null): Schemas["Connection"] | undefined {
  return connections.find((one) => one.name === chosen) ?? connections.find((one) => one.default) ?? connections[0];
}
