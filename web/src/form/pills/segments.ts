// A text with pills as a row of segments, and what a person is about to complete in it.

import { pathOf, pillsOf } from "../../flow/expressions";

export type Segment = { text: string } | { pill: string };

export function segmentsOf(text: string): Segment[] {
  const found: Segment[] = [];
  let end = 0;
  for (const pill of pillsOf(text)) {
    if (pill.start > end) found.push({ text: text.slice(end, pill.start) });
    found.push({ pill: pill.expression });
    end = pill.end;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/** The segments of the first characters of a text, with whole pills. */
export function beginning(text: string, length: number): Segment[] {
  let rest = length;
  return segmentsOf(text).flatMap((segment): Segment[] => {
    if (rest <= 0) return [];
    const shown = "pill" in segment ? segment : { text: segment.text.slice(0, rest) };
    rest -= "pill" in segment ? segment.pill.length + 3 : segment.text.length;
    return [shown];
  });
}

/** The begun pill before the caret: where it starts, and what is typed of it. */
export function openPill(text: string, caret: number): { start: number; query: string } | undefined {
  const found = /\$\{([^{}\n]*)$/.exec(text.slice(0, caret));
  if (!found || text.slice(found.index).startsWith(`\${${found[1] ?? ""}}`)) return undefined;
  return { start: found.index, query: found[1] ?? "" };
}

/** The name and the path of a pill, as a chip shows them. */
export function chipText(expression: string): { name: string; rest: string; isPlain: boolean } {
  const found = pathOf(expression);
  return found ? { name: found[0], rest: found[1], isPlain: true } : { name: expression.trim(), rest: "", isPlain: false };
}

/** A number for people; a prompt has about four characters a token in Latin script. */
export const aboutTokens = (text: string): number => Math.ceil(text.length / 4);
