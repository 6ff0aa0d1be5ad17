// The list that opens at `${`: what matches, and which of it is highlighted.

import { useState } from "react";

import { useForm } from "../context";
import type { Readable } from "./readable";

export interface Suggestions {
  found: readonly Readable[];
  at: number;
  open: (query: string) => void;
  close: () => void;
  isOpen: boolean;
  move: (by: number) => void;
}

const SHOWN = 60;

export function useSuggestions(): Suggestions {
  const { readable } = useForm();
  const [query, setQuery] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const found = query === null ? [] : matching(readable, query);
  return {
    found,
    at: Math.min(at, Math.max(0, found.length - 1)),
    isOpen: query !== null,
    open: (next) => {
      if (next !== query) setAt(0);
      setQuery(next);
    },
    close: () => setQuery(null),
    move: (by) => setAt((old) => (found.length === 0 ? 0 : (Math.min(old, found.length - 1) + by + found.length) % found.length)),
  };
}

export function matching(readable: readonly Readable[], query: string): Readable[] {
  const parts = query.toLowerCase().trim().split(/\s+/);
  const fits = (one: Readable): boolean => {
    const text = `${one.expression} ${one.label}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  };
  return readable.filter(fits).slice(0, SHOWN);
}
