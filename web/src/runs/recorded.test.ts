import { beforeEach, describe, expect, it } from "vitest";

import { useConnection } from "../api/connection";
import { recordedFor, useRecorded } from "./recorded";
import { afterEvent, newRun } from "./state";
import { useRun } from "./store";

const ran = (server: string, output: string): void =>
  [
    { type: "started", place: "a", step: "a", at: 1 },
    { type: "result", place: "a", step: "a", output, at: 2 },
  ].forEach((event) => useRun.setState((state) => ({ run: afterEvent(state.run ?? newRun({ id: server, label: "", created: 1, server }), event) })));

describe("what is recorded of a step", () => {
  beforeEach(() => {
    useRun.setState({ run: null });
    useRecorded.setState({ outputs: {}, rehearsed: {} });
  });

  it("is what a run returned last, and in a rehearsal what that returned", () => {
    ran("openrouter.ai", "paid");
    useRun.setState({ run: null });
    ran("rehearsal", "made up");
    expect(recordedFor(false)).toEqual({ a: "paid" });
    expect(recordedFor(true)).toEqual({ a: "made up" });
  });

  it("is nothing for a paid run after a rehearsal alone", () => {
    ran("rehearsal", "made up");
    expect(recordedFor(false)).toEqual({});
  });

  it("is forgotten when the sandbox is left", () => {
    useConnection.setState({ name: "sandbox" });
    ran("sandbox", "made up");
    useConnection.setState({ name: "work" });
    expect(recordedFor(true)).toEqual({});
  });
});
