import { expect, it } from "vitest";

import type { FlowDocument } from "./document";
import { withOwnModels } from "./ownModels";

const flow: FlowDocument = {
  tasks: [
    { name: "ask_1", type: "openRouter/v1/ask", parameters: { model: "maker/large", userPrompt: "Hi" } },
    { name: "all_1", type: "parallel/v1", parameters: { tasks: [{ name: "speech_1", type: "openRouter/v1/createSpeech", parameters: { model: "sandbox/speaker", voice: "alloy" } }] } },
  ],
};
const path = "tasks[0].parameters.model";

it("takes a model of the sandbox, and leaves any other one to choose", () => {
  const message = "there is no model 'maker/large'; choose one of its options, such as ";
  expect(withOwnModels(flow, [{ path, message: `${message}'sandbox/echo'` }]).tasks[0]?.parameters).toEqual({ model: "sandbox/echo", userPrompt: "Hi" });
  expect(withOwnModels(flow, [{ path, message: `${message}'maker/small'` }]).tasks[0]?.parameters).toEqual({ userPrompt: "Hi" });
});

it("takes a voice that the model offers, and leaves other problems alone", () => {
  const voice = { path: "tasks[1].parameters.tasks[0].parameters.voice", message: "sandbox/speaker does not offer 'alloy'; it offers alba, bruno" };
  const changed = withOwnModels(flow, [voice]);
  expect(changed.tasks[1]?.parameters).toEqual({ tasks: [{ name: "speech_1", type: "openRouter/v1/createSpeech", parameters: { model: "sandbox/speaker", voice: "alba" } }] });
  expect(withOwnModels(flow, [{ path, message: "is missing (Model)" }])).toBe(flow);
});
