// The contrast of every pair of colours that meet: WCAG 2.2 asks for 4.5 of text, and 3 of outlines.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/design/tokens.css", "utf8");

type Theme = "light" | "dark";

const GROUNDS = ["canvas", "panel", "raised", "overlay", "sunken", "hover"];
const STATES = ["wait", "run", "done", "fail", "skip", "doubt"];
const GROUPS = ["ask", "images", "audio", "video", "vision", "text-tools", "catalogue", "account", "flow"];

const TEXT: [string, string][] = [
  ...["text", "text-2", "text-3", "accent-fg"].flatMap((text): [string, string][] => GROUNDS.map((ground) => [text, ground])),
  ["on-accent", "accent"],
  ["on-accent", "accent-hover"],
  ["panel", "text"],
  ["text", "accent-tint"],
  ...[...STATES, ...GROUPS].map((name): [string, string] => [`${name}-fg`, `${name}-tint`]),
  ...STATES.flatMap((name): [string, string][] => [[`${name}-fg`, "panel"], [`${name}-fg`, "raised"]]),
];
const OUTLINES: [string, string][] = [
  ...["panel", "raised", "overlay"].flatMap((ground): [string, string][] => [["line-control", ground], ["focus", ground]]),
  ["edge", "canvas"],
  ["fail-solid", "raised"],
  ["accent", "canvas"],
];

describe.each<Theme>(["light", "dark"])("in the %s", (theme) => {
  it.each(TEXT)("--%s can be read on --%s", (text, ground) => {
    expect(contrast(colour(text, theme), colour(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });
  it.each(OUTLINES)("--%s can be seen on --%s", (line, ground) => {
    expect(contrast(colour(line, theme), colour(ground, theme))).toBeGreaterThanOrEqual(3);
  });
});

it("knows the contrast of black on white", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
});

function colour(name: string, theme: Theme): string {
  const value = new RegExp(`--${name}:\\s*([^;]+);`).exec(css)?.[1]?.trim() ?? "";
  const alias = /^var\(--([\w-]+)\)$/.exec(value)?.[1];
  if (alias !== undefined) return colour(alias, theme);
  const pair = /^light-dark\((#\w{6}), (#\w{6})\)$/.exec(value);
  const found = theme === "light" ? pair?.[1] : pair?.[2];
  if (found === undefined) throw new Error(`--${name} is no colour`);
  return found;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
