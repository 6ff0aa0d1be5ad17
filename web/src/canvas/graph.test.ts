import { describe, expect, it } from "vitest";

import type { Action, Component } from "../api/component";
import type { FlowDocument, Task } from "../flow/document";
import { newRun, type RunState } from "../runs/state";
import { buildGraph } from "./graph";
import { layoutOf } from "./layout";
import { itemsIn } from "./items";
import { snapped } from "./snap";
import { statusIn } from "./status";

const action = { name: "ask", type: "openRouter/v1/ask", title: "Ask", group: "Ask", main: "userPrompt", properties: [], defaults: {}, output: { type: "STRING" } };
const component = { actions: [action as unknown as Action] } as unknown as Component;
const ask = (name: string, userPrompt = ""): Task => ({ name, type: "openRouter/v1/ask", parameters: { userPrompt } });
const each = (name: string, items: string, ...iteratee: Task[]): Task => ({ name, type: "each/v1", parameters: { items, iteratee } });
const condition = (name: string, expression: string, caseTrue: Task[], caseFalse: Task[] = []): Task => ({
  name,
  type: "condition/v1",
  parameters: { rawExpression: true, expression, caseTrue, caseFalse },
});
const edgesOf = (flow: FlowDocument): string[] =>
  buildGraph(flow, component).edges.map((edge) => `${edge.source} ${edge.kind} ${edge.target} ${edge.label}`.trim());

describe("edges", () => {
  it("follow the data and name its field", () => {
    expect(edgesOf({ inputs: [{ name: "topic" }], tasks: [ask("a", "${topic}"), ask("b", "${a.title} ${a.text}")] })).toEqual([
      "input:topic data a",
      "a data b title, text",
    ]);
  });

  it("lead to the outputs of the flow, which stand behind what they read", () => {
    const outputs = [{ name: "text", value: "${b.title}" }, { name: "all", value: { first: "${a}" } }, { name: "fixed", value: 1 }];
    expect(edgesOf({ tasks: [ask("a"), each("e", "${a}", ask("b"))], outputs })).toEqual(["a data e", "e data output:text title", "a data output:all", "e order output:fixed"]);
  });

  it("show the order where a step reads nothing", () => {
    expect(edgesOf({ tasks: [ask("a"), ask("b")] })).toEqual(["a order b"]);
  });

  it("lead to the pane if a step inside it reads from outside", () => {
    expect(edgesOf({ tasks: [ask("a"), each("e", "${a.list}", ask("b", "${a} ${e.item}"), ask("c", "${b}"))] })).toEqual([
      "a data e list",
      "b data c",
    ]);
  });

  it("lead through the ports of a condition to its lists and on", () => {
    const flow = { tasks: [ask("a"), condition("c", "size(a) > 1", [ask("t", "${a}")]), ask("z")] };
    expect(edgesOf(flow)).toEqual(["a data c", "c case t true", "t order z", "c order z false"]);
  });

  it("leave out the order of steps that run at the same time", () => {
    expect(edgesOf({ tasks: [{ name: "p", type: "parallel/v1", parameters: { tasks: [ask("a"), ask("b")] } }] })).toEqual([]);
  });

  it("keep names apart that are set twice", () => {
    const ids = buildGraph({ tasks: [ask("a"), ask("a"), ask("b", "${a}")] }, component);
    expect(ids.nodes.map((node) => node.id)).toEqual(["a", "a#2", "b"]);
    expect(ids.edges.find((edge) => edge.kind === "data")?.source).toBe("a#2");
  });
});

describe("the layout", () => {
  const flow: FlowDocument = { tasks: [ask("a"), each("e", "${a.list}", ask("b"), ask("c", "${b}")), ask("d", "${a}")] };
  const graph = buildGraph(flow, component);
  const layout = layoutOf(graph);
  const box = (id: string): { x: number; y: number; width: number; height: number } => {
    const found = layout.boxes[id];
    if (!found) throw new Error(id);
    return found;
  };

  it("goes from top to bottom, and holds what is in a pane", () => {
    expect(box("e").y).toBeGreaterThanOrEqual(box("a").y + box("a").height);
    expect(box("c").y).toBeGreaterThan(box("b").y + box("b").height);
    expect(box("c").y + box("c").height).toBeLessThan(box("e").height);
    expect(box("b").x + box("b").width).toBeLessThan(box("e").width);
  });

  it("lets no nodes overlap, also beside one that was moved by hand", () => {
    const moved = { ...ask("d", "${a}"), metadata: { ui: { nodePosition: { x: box("e").x, y: box("e").y } } } };
    const { boxes } = layoutOf(buildGraph({ tasks: [...flow.tasks.slice(0, 2), moved] }, component));
    const [e, d] = [boxes.e, boxes.d];
    expect(d).toMatchObject({ x: box("e").x, y: box("e").y });
    expect(e && d && e.y >= d.y + d.height).toBe(true);
  });

  it("breaks a long flow into columns, each edge between them free of nodes", () => {
    const long = buildGraph({ tasks: Array.from({ length: 60 }, (_, index) => ask(`a${index}`, index > 0 ? `\${a${index - 1}}` : "")) }, component);
    const { boxes, lanes } = layoutOf(long);
    const all = Object.values(boxes);
    const columns = new Set(all.map((box) => box.x));
    expect(columns.size).toBeGreaterThan(2);
    expect(Math.max(...all.map((box) => box.y + box.height))).toBeLessThan(4300);
    const back = long.edges.filter((edge) => (boxes[edge.target]?.y ?? 0) < (boxes[edge.source]?.y ?? 0));
    expect(back.length).toBe(columns.size - 1);
    for (const { id } of back) expect(all.some((box) => (lanes[id] ?? box.x) >= box.x && (lanes[id] ?? box.x) <= box.x + box.width)).toBe(false);
  });

  it("stays where it was when a step is put somewhere by hand", () => {
    const before = layoutOf(buildGraph(flow, component), { id: "a", at: { x: 500, y: 300 } });
    expect(before.boxes.a).toMatchObject({ x: 500, y: 300 });
    const placed = { ...ask("far"), metadata: { ui: { nodePosition: { x: 2000, y: 900 } } } };
    const { boxes } = layoutOf(buildGraph({ ...flow, tasks: [...flow.tasks, placed] }, component), { id: "a", at: before.laid.a ?? { x: 0, y: 0 } });
    expect(boxes.a).toMatchObject({ x: 500, y: 300 });
    expect(boxes.far).toMatchObject({ x: 2000, y: 900 });
  });

  it("leads an edge around the nodes between its ends", () => {
    const three = buildGraph({ tasks: [ask("a"), ask("b", "${a}"), ask("c", "${a} ${b}")] }, component);
    expect(Object.keys(layoutOf(three).lanes)).toEqual(["a>out>c"]);
  });
});

it("snaps a node to the lines of another one, else to the grid", () => {
  const other = { x: 100, y: 200, width: 240, height: 100 };
  expect(snapped({ x: 103, y: 400, width: 240, height: 100 }, [other])).toEqual({ at: { x: 100, y: 400 }, guides: { x: 100, y: null } });
  expect(snapped({ x: 503, y: 604, width: 240, height: 100 }, [other]).at).toEqual({ x: 500, y: 600 });
});

describe("the state of a node", () => {
  const step = { text: "", reasoning: "", cost: 0, started: 0, step: "" };
  const run = (steps: RunState["steps"]): RunState => ({ ...newRun({ id: "r", label: "", created: 1 }), status: "running", steps });

  it("is skipped if a condition chose the other list, and waiting before", () => {
    const node = { id: "t", around: [{ name: "c", repeats: false }], within: [["c", "caseTrue"]] as [string, string][] };
    expect(statusIn(null, node, {})).toBe("idle");
    expect(statusIn(run({}), node, {})).toBe("waiting");
    expect(statusIn(run({ c: { ...step, place: "c", status: "done", chosen: "caseFalse" } }), node, {})).toBe("skipped");
    expect(statusIn(run({ "c.t": { ...step, place: "c.t", status: "failed" } }), node, {})).toBe("failed");
  });

  it("is none for a step that was added later, and none that waits once the run has ended", () => {
    const node = { id: "later", around: [], within: [] };
    const known = { ...run({}), stepNames: new Set(["t"]) };
    expect(statusIn(known, node, {})).toBe("idle");
    expect(statusIn({ ...known, status: "succeeded" }, node, {})).toBe("idle");
    expect(statusIn({ ...known, status: "succeeded" }, { ...node, id: "t" }, {})).toBe("skipped");
    expect(statusIn({ ...known, status: "failed" }, { ...node, id: "t" }, {})).toBe("idle");
    const stopped = run({ t: { ...step, place: "t", status: "waiting" } });
    expect(statusIn({ ...stopped, status: "cancelled" }, { ...node, id: "t" }, {})).toBe("idle");
    expect(statusIn({ ...known, prefix: "", status: "running" }, { ...node, id: "t" }, {})).toBe("idle");
  });

  it("of an output is done once the run has returned it", () => {
    const output = { id: "output:text", around: [], within: [] };
    expect(statusIn(run({}), output, {})).toBe("idle");
    expect(statusIn({ ...run({}), status: "succeeded", outputs: { text: "x" } }, output, {})).toBe("done");
  });

  it("of a container has a mark for each item", () => {
    const progress = { done: 1, total: 3, unit: "items" };
    const steps = {
      e: { ...step, place: "e", status: "running" as const, progress },
      "e[0].a": { ...step, place: "e[0].a", status: "done" as const },
      "e[1].a": { ...step, place: "e[1].a", status: "running" as const },
    };
    expect(itemsIn(run(steps), "e")).toEqual(["done", "running", "waiting"]);
  });
});
