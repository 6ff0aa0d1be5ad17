import { expect, it } from "vitest";

import { bytes, counted, dateTime, duration, money, tokens } from "./numbers";

it("writes money with four decimals below a dollar, and never a false zero", () => {
  expect([0, 0.0042, 0.32, 0.00003, 0.000456, 12.4, 1].map(money)).toEqual([
    "$0.0000", "$0.0042", "$0.3200", "$0.00003", "$0.00046", "$12.40", "$1.00",
  ]);
});

it("writes times, tokens and sizes", () => {
  expect([3840, 112_000, 59_960, 3_725_000].map(duration)).toEqual(["3.8 s", "1:52", "1:00", "1:02:05"]);
  expect([900, 200_000, 1_048_576].map(tokens)).toEqual(["900", "200k", "1.05M"]);
  expect([counted(1, "tokens"), counted(12_000, "tokens"), counted(0, "previews")]).toEqual(["1 token", "12,000 tokens", "0 previews"]);
  expect([12, 412_000, 1_500_000].map(bytes)).toEqual(["12 B", "412 kB", "1.5 MB"]);
});

it("writes moments as short as they are clear", () => {
  const now = new Date(2026, 10, 27, 15, 0).getTime();
  const at = (...parts: [number, number, number, number, number]): string => dateTime(new Date(...parts).getTime(), now);
  expect([at(2026, 10, 27, 9, 5), at(2026, 10, 26, 14, 2), at(2025, 0, 2, 3, 4)]).toEqual(["09:05", "26 Nov, 14:02", "2 Jan 2025"]);
  expect(dateTime("never")).toBe("–");
});
