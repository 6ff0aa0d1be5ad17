// Files in results: FILE_ENTRY objects of the server's store, and where the page may load them from.

import { isObject, type JsonObject } from "../flow/document";

export interface FileEntry extends JsonObject {
  extension: string;
  mimeType: string;
  name: string;
  url: string;
}

export function isFileEntry(value: unknown): value is FileEntry {
  return (
    isObject(value) &&
    typeof value.url === "string" &&
    typeof value.mimeType === "string" &&
    typeof value.name === "string"
  );
}

/** Vector images are left out: the server sends them as downloads, since they may hold scripts. */
export const isImage = (file: FileEntry): boolean =>
  file.mimeType.startsWith("image/") && !file.mimeType.includes("svg");

/**
 * The address from which this page loads a file. Files of the server's store are named by the address
 * under which the run was started, which may be another name of the same server.
 */
export function addressOf(url: string): string {
  if (url.startsWith("data:image/")) return url;
  const found = /^(?:https?:\/\/[^/]+)?(\/api\/files\/[^?#]+)/.exec(url);
  return found?.[1] ?? url;
}

/** Whether the page can show the file; the policy of the page forbids all other servers. */
export const isOwn = (url: string): boolean => /^(\/api\/files\/|data:image\/)/.test(addressOf(url));
