import { afterEach, expect, it, vi } from "vitest";

import { send } from "./client";
import { inUse, useConnection } from "./connection";

afterEach(() => {
  useConnection.getState().use(null);
  vi.unstubAllGlobals();
});

it("names the connection in use where one is meant, and nowhere else", async () => {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
    sent.push(typeof init.body === "string" ? JSON.parse(init.body) : init.body);
    return Promise.resolve(new Response("{}"));
  });
  await send("/api/actions/ask/form", { body: { parameters: {} } });
  useConnection.getState().use("Work");
  await send("/api/actions/ask/form", { body: { parameters: {} } });
  await send("/api/runs", { body: { flow: {}, connection: "sandbox" } });
  await send("/api/runs/x/resume", { body: {} });
  await send("/api/flows", { body: { flow: {} } });
  expect(sent).toEqual([
    { parameters: {} },
    { connection: "Work", parameters: {} },
    { connection: "sandbox", flow: {} },
    {},
    { flow: {} },
  ]);
});

it("uses the chosen connection, else the default one, else the first", () => {
  const named = (name: string, isDefault = false) => ({ name, default: isDefault, storedDefault: isDefault, readOnly: false });
  const all = [named("a"), named("b", true), named("c")];
  expect([inUse(all, "c"), inUse(all, "gone"), inUse([named("a")], null), inUse([], null)].map((one) => one?.name)).toEqual(["c", "b", "a", undefined]);
});
