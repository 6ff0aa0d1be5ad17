// A file that is dropped anywhere on the page, and that no field takes, is read for an import.

import { useEffect } from "react";

import { useView } from "../app/view";
import { words } from "../words";

const MOST_BYTES = 10_000_000;

export function useFileDrop(): void {
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (hasFiles(event) && !event.defaultPrevented) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void readFile(file).then((text) => text !== null && useView.getState().openDialog("import", text));
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, []);
}

/** The text of a file; null, and said why, if it is no text that holds a flow. */
export async function readFile(file: File): Promise<string | null> {
  const { say } = useView.getState();
  if (/^(image|audio|video)\//.test(file.type)) say(words.exchange.noFlowInMedia);
  else if (file.size > MOST_BYTES) say(words.exchange.tooLarge);
  else {
    const text = await file.text();
    if (!text.includes("\u0000")) return text;
    say(words.exchange.noText);
  }
  return null;
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
