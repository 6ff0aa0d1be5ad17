// The example flows, as templates of an empty canvas.

import { json, type Schemas } from "../api/client";
import type { FlowDocument } from "../flow/document";
import { emptyFlow } from "../flow/document";
import { withOwnModels } from "../flow/ownModels";
import imageCritique from "../../../docs/examples/flows/image-critique.yaml?raw";
import readInvoices from "../../../docs/examples/flows/read-invoices.yaml?raw";
import translateAndSpeak from "../../../docs/examples/flows/translate-and-speak.json?raw";
import voiceNote from "../../../docs/examples/flows/voice-note-to-image.json?raw";

export interface Template {
  label: string;
  description: string;
  /** The types of its first steps, for the row of icons. */
  types: string[];
  text: string;
}

export const TEMPLATES: Template[] = [voiceNote, readInvoices, translateAndSpeak, imageCritique].map((text) => ({
  label: firstOf(text, "label"),
  description: firstOf(text, "description"),
  types: [...text.matchAll(/"?type"?:\s*"?([\w-]+\/v\d+(?:\/\w+)?)/g)].map((found) => found[1] ?? "").slice(0, 4),
  text,
}));

/** Read a template, with models that the connection has; the server reads YAML, as it does for imports. */
export async function flowOf(template: Template): Promise<FlowDocument> {
  const body = { source: template.text };
  const { flow } = await json<{ flow: FlowDocument }>("/api/import", { body });
  return fitted({ ...emptyFlow(template.label), ...flow });
}

async function fitted(flow: FlowDocument): Promise<FlowDocument> {
  try {
    // The second round is for voices: which ones there are depends on the model.
    const once = withOwnModels(flow, await problemsOf(flow));
    return once === flow ? flow : withOwnModels(once, await problemsOf(once));
  } catch {
    return flow; // shown with its problems
  }
}

const problemsOf = async (flow: FlowDocument): Promise<Schemas["ProblemItem"][]> =>
  (await json<Schemas["FlowCheckResponse"]>("/api/flows/check", { body: { flow, estimate: true } })).problems;

/** The value of a key at the top of a flow: of JSON as of YAML, also one that is folded over lines. */
function firstOf(text: string, key: string): string {
  const found = new RegExp(`^\\s{0,4}"?${key}"?:\\s*(?:>-?\\s*\\n((?:\\s+.+\\n)+)|"?(.+?)"?,?$)`, "m").exec(text);
  return (found?.[1] ?? found?.[2] ?? "").replace(/\s+/g, " ").trim();
}
