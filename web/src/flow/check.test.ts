import { expect, it } from "vitest";

import { byStep, stepAt } from "./check";
import type { FlowDocument } from "./document";

const flow: FlowDocument = {
  tasks: [
    { name: "a", type: "openRouter/v1/ask", parameters: {} },
    {
      name: "c",
      type: "each/v1",
      parameters: { items: [], iteratee: [{ name: "b", type: "openRouter/v1/ask", parameters: {} }] },
    },
  ],
};

it("finds the step of a problem, also inside a container", () => {
  expect(stepAt(flow, "tasks[0].parameters.response.responseFormat")).toEqual(["a", "response.responseFormat"]);
  expect(stepAt(flow, "tasks[1].parameters.iteratee[0].parameters.messages[2].role")).toEqual(["b", "messages[2].role"]);
  expect(stepAt(flow, "tasks[1].parameters.items")).toEqual(["c", "items"]);
  expect(stepAt(flow, "outputs[0].value")).toEqual(["", "outputs[0].value"]);
  expect(byStep(flow, [{ path: "tasks[0].parameters.model", message: "No" }])).toEqual({
    a: [{ path: "model", message: "No" }],
  });
});
