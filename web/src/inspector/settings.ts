// The fields of a task itself, as properties, so that the same form draws them.

import type { Property } from "../api/component";
import type { JsonObject, Task } from "../flow/document";
import { words } from "../words";

const field = (name: string, label: string, more: Partial<Property>): Property => ({ name, label, type: "STRING", controlType: "TEXT", ...more });

export const LABEL = field("label", words.inspector.label, { placeholder: words.inspector.labelHint });

export const NAME = field("name", words.inspector.name, { controlType: "NAME", required: true, description: words.inspector.nameHelp });

/** What the failure of a step means, see docs/runs.md. */
export const FAILURE: Property[] = [
  field("maxRetries", words.inspector.maxRetries, { type: "INTEGER", controlType: "INTEGER", minValue: 0, maxValue: 20, defaultValue: 0, description: words.inspector.maxRetriesHelp }),
  field("timeout", words.inspector.timeout, { placeholder: words.inspector.timeoutHint, description: words.inspector.timeoutHelp }),
  field("onError", words.inspector.onError, {
    controlType: "SELECT",
    defaultValue: "stop",
    description: words.inspector.onErrorHelp,
    options: [{ label: words.inspector.stop, value: "stop" }, { label: words.inspector.goOn, value: "continue" }],
  }),
];

/** All that a task says of itself, beside its parameters. */
export const SETTINGS: Property[] = [LABEL, NAME, ...FAILURE];

export const settingsOf = (task: Task): JsonObject =>
  Object.fromEntries(SETTINGS.flatMap(({ name }) => (task[name] === undefined ? [] : [[name, task[name]]])));

const TYPES = ["string", "number", "integer", "boolean", "array", "object", "file_entry"] as const;

export const FLOW: Property[] = [
  field("label", words.inspector.flowLabel, {}),
  field("description", words.inspector.description, { controlType: "TEXT_AREA" }),
  field("inputs", words.inspector.inputs, {
    type: "ARRAY",
    controlType: "ARRAY_BUILDER",
    description: words.inspector.inputsHelp,
    placeholder: words.inspector.addInput,
    items: field("", words.inspector.input, {
      type: "OBJECT",
      controlType: "OBJECT_BUILDER",
      properties: [
        { ...NAME, description: "" },
        field("label", words.inspector.label, {}),
        field("type", words.inspector.type, { controlType: "SELECT", defaultValue: "string", options: TYPES.map((value) => ({ value, label: words.types[value] })) }),
        field("required", words.inspector.required, { type: "BOOLEAN", controlType: "SELECT", defaultValue: false, options: [{ label: words.inspector.yes, value: true }, { label: words.inspector.no, value: false }] }),
        field("default", words.inspector.default, { type: "ANY", controlType: "JSON" }),
      ],
    }),
  }),
  field("outputs", words.inspector.outputs, {
    type: "ARRAY",
    controlType: "ARRAY_BUILDER",
    description: words.inspector.outputsHelp,
    placeholder: words.inspector.addOutput,
    items: field("", words.inspector.outputItem, {
      type: "OBJECT",
      controlType: "OBJECT_BUILDER",
      properties: [{ ...NAME, description: "" }, field("value", words.inspector.value, {})],
    }),
  }),
];
