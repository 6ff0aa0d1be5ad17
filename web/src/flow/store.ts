// The open flow, what is selected in it, and how to undo each change.

import { create } from "zustand";

import { emptyFlow, type FlowDocument } from "./document";
import { stepsOf } from "./tree";

/** How the open flow stands beside the one on the server. */
export type Saved = "saved" | "saving" | "unsaved" | "offline" | "conflict";

interface Change {
  flow: FlowDocument;
  label: string;
  /** Changes of one group that follow each other are undone together. */
  group: string | undefined;
  at: number;
}

/** The flow of a past run, shown as it was started. */
export interface ShownRun {
  id: string;
  isRehearsal: boolean;
  /** The stored flow that ran as a whole, if it was one. */
  flowId: string | null;
}

interface FlowState {
  /** Of the stored flow; null for one that was never saved. */
  id: string | null;
  version: number | null;
  saved: Saved;
  flow: FlowDocument;
  /** Names of steps, `input:` and `output:` with a name, and `note:` with an id. */
  selected: ReadonlySet<string>;
  past: Change[];
  future: Change[];
  /** The past run whose flow is shown: it cannot be changed. */
  shownRun: ShownRun | null;
  /** What was open before the past run. */
  aside: OpenFlow | null;
  open: (flow: FlowDocument, id: string | null, version: number | null) => void;
  /** Show the flow of a past run in place of the open one. */
  showRun: (flow: FlowDocument, run: ShownRun) => void;
  /** Show what was open before again. */
  leaveRun: () => void;
  /** Change the flow as one step of undo. Returning the same flow changes nothing. */
  edit: (label: string, change: (flow: FlowDocument) => FlowDocument, group?: string) => void;
  undo: () => string | undefined;
  redo: () => string | undefined;
  select: (names: Iterable<string>) => void;
  setSaved: (saved: Saved, id?: string, version?: number) => void;
}

type OpenFlow = Pick<FlowState, "flow" | "id" | "version" | "saved" | "past" | "future">;

const GROUPED_MS = 1500;
const KEPT = 300;

export const useFlow = create<FlowState>()((set, get) => ({
  id: null,
  version: null,
  saved: "saved",
  flow: emptyFlow(""),
  selected: new Set<string>(),
  past: [],
  future: [],
  shownRun: null,
  aside: null,

  open: (flow, id, version) =>
    set({ flow, id, version, saved: "saved", selected: new Set(), past: [], future: [], shownRun: null, aside: null }),

  showRun: (flow, run) => {
    const { flow: open, id, version, saved, past, future, aside } = get();
    set({
      ...{ flow, shownRun: run, aside: aside ?? { flow: open, id, version, saved, past, future } },
      ...{ id: null, version: null, saved: "saved" as const, selected: new Set<string>(), past: [], future: [] },
    });
  },

  leaveRun: () => {
    const { aside } = get();
    if (aside) set({ ...aside, selected: new Set(), shownRun: null, aside: null });
  },

  edit: (label, change, group) => {
    const { flow, past, selected, shownRun } = get();
    if (shownRun) return;
    const changed = change(flow);
    if (changed === flow) return;
    const now = Date.now();
    const last = past.at(-1);
    const joins = group !== undefined && last?.group === group && now - last.at < GROUPED_MS;
    const before: Change = { flow, label, group, at: now };
    set({
      flow: changed,
      past: joins ? [...past.slice(0, -1), { ...last, at: now }] : [...past, before].slice(-KEPT),
      future: [],
      selected: stillThere(changed, selected),
      saved: get().saved === "conflict" ? "conflict" : "unsaved",
    });
  },

  undo: () => {
    const { flow, past, future, selected } = get();
    const last = past.at(-1);
    if (!last) return undefined;
    set({
      flow: last.flow,
      past: past.slice(0, -1),
      future: [...future, { ...last, flow }],
      selected: stillThere(last.flow, selected),
      saved: "unsaved",
    });
    return last.label;
  },

  redo: () => {
    const { flow, past, future, selected } = get();
    const next = future.at(-1);
    if (!next) return undefined;
    set({
      flow: next.flow,
      past: [...past, { ...next, flow, group: undefined }],
      future: future.slice(0, -1),
      selected: stillThere(next.flow, selected),
      saved: "unsaved",
    });
    return next.label;
  },

  select: (names) => set(({ flow, shownRun }) => ({ selected: shownRun ? stillThere(flow, new Set(names)) : new Set(names) })),

  setSaved: (saved, id, version) =>
    set((state) => ({ saved, id: id ?? state.id, version: version ?? state.version })),
}));

function stillThere(flow: FlowDocument, selected: ReadonlySet<string>): ReadonlySet<string> {
  const { inputs = [], outputs = [] } = flow;
  const ends = [...inputs.map((one) => `input:${one.name}`), ...outputs.map((one) => `output:${one.name}`)];
  const names = new Set([...stepsOf(flow).map((step) => step.ref), ...ends]);
  const kept = [...selected].filter((name) => names.has(name) || name.startsWith("note:"));
  return kept.length === selected.size ? selected : new Set(kept);
}
