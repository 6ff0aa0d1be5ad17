// Files of a form: what a value is, and how one is uploaded.

import { json, type Schemas } from "../api/client";
import { isObject, type Json } from "../flow/document";

export type FileEntry = Schemas["StoredFile"];

export function fileOf(value: Json | undefined): FileEntry | undefined {
  if (typeof value === "string" && /^(https?|data):/.test(value))
    return { url: value, name: value.startsWith("data:") ? "data" : (value.split("/").at(-1) ?? value), extension: "", mimeType: "" };
  return isObject(value) && typeof value.url === "string" && typeof value.name === "string" ? (value as unknown as FileEntry) : undefined;
}

export async function upload(file: File): Promise<FileEntry> {
  const body = new FormData();
  body.append("file", file);
  return json<FileEntry>("/api/files", { body });
}

/** Whether a file is of the types that a field takes: `image/*`, `application/pdf`. */
export function isAccepted(file: { type: string }, accept: readonly string[] | undefined): boolean {
  if (!accept || accept.length === 0 || file.type === "") return true;
  return accept.some((one) => one === file.type || one === "*/*" || (one.endsWith("/*") && file.type.startsWith(one.slice(0, -1))));
}

/** The path on this server, if the file is here: only such files are fetched and shown. */
export function localPath(url: string): string | undefined {
  try {
    const { origin, pathname } = new URL(url, location.href);
    return pathname.startsWith("/api/files/") && (origin === location.origin || isLoopback(origin)) ? pathname : undefined;
  } catch {
    return undefined;
  }
}

const isLoopback = (origin: string): boolean => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(origin);
