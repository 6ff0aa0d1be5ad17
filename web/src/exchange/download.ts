// Hand a text to the browser as a file.

import type { FlowDocument } from "../flow/document";
import { words } from "../words";

export function downloadText(text: string, name: string, mediaType: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

export const download = (flow: FlowDocument): void =>
  downloadText(JSON.stringify(flow, null, 2), `${fileName(flow)}.json`, "application/json");

/** The label of a flow as a name of a file: `bedtime-story`. */
export function fileName(flow: FlowDocument): string {
  const name = (flow.label || words.app.untitled).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
  return name.replace(/^-|-$/g, "").slice(0, 60) || "flow";
}
