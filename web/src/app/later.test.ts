import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { loadedAtLast } from "./later";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const failing = (times: number) => {
  const load = vi.fn(() => Promise.resolve("part"));
  for (let each = 0; each < times; each += 1) load.mockRejectedValueOnce(new TypeError("Failed to fetch"));
  return load;
};

test("a part is loaded once the server is back", async () => {
  const load = failing(5);
  const loaded = loadedAtLast(load, () => Promise.resolve(false));
  await vi.runAllTimersAsync();

  expect(await loaded).toBe("part");
  expect(load).toHaveBeenCalledTimes(6);
});

test("a part that the server does not have any more ends with what to do", async () => {
  const loaded = loadedAtLast(failing(5), () => Promise.resolve(true));
  const refused = expect(loaded).rejects.toThrow(/older than its server. Reload it/);
  await vi.runAllTimersAsync();

  await refused;
});
