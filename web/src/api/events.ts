// Server-sent events over fetch: they may follow a POST, and carry the cookie of the page.

import { send, type RequestOptions } from "./client";

export interface ServerEvent {
  id: string | undefined;
  type: string;
  data: unknown;
}

/** Yield the events of a response until it ends. */
export async function* events(path: string, options: RequestOptions = {}): AsyncGenerator<ServerEvent> {
  const response = await send(path, {
    ...options,
    headers: { ...options.headers, Accept: "text/event-stream" },
  });
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parsed(block);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export function parsed(block: string): ServerEvent | undefined {
  let id: string | undefined;
  let type = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ""] = /^(\w+):? ?(.*)$/s.exec(line) ?? [];
    if (field === "id") id = value;
    else if (field === "event") type = value;
    else if (field === "data") data.push(value);
  }
  return data.length > 0 ? { id, type, data: JSON.parse(data.join("\n")) as unknown } : undefined;
}
