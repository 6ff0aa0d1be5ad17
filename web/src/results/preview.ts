// Which preview a result gets, and how high it is in a node. Pure: the layout of the canvas asks before anything is drawn.

import { isObject, type Json, type JsonObject } from "../flow/document";
import { isFileEntry, isImage, type FileEntry } from "./files";

export type PreviewKind =
  | "none"
  | "text"
  | "line"
  | "images"
  | "audio"
  | "video"
  | "file"
  | "boxes"
  | "object"
  | "table"
  | "large"
  | "reason";

const HEIGHTS: Record<PreviewKind, number> = {
  none: 0,
  text: 110,
  line: 30,
  images: 66,
  audio: 54,
  video: 110,
  file: 30,
  boxes: 66,
  object: 64,
  table: 64,
  large: 30,
  reason: 46,
};

/** Pixels in a node. */
export const previewHeight = (kind: PreviewKind): number => HEIGHTS[kind];

/** The preview of an output. `metadata` may name more files than the output itself. */
export function previewKind(output: Json | undefined, metadata?: JsonObject): PreviewKind {
  if (output === undefined || output === null) return "none";
  if (typeof output === "string") return output === "" ? "none" : "text";
  if (typeof output !== "object") return "line";
  if (isLarge(output)) return "large";
  if (isFileEntry(output)) return fileKind(output, metadata);
  if (!Array.isArray(output)) return "object";
  if (output.length === 0) return "line";
  if (output.every(isFileEntry)) return output.every(isImage) ? "images" : "table";
  if (output.every(isAnalysis)) return output.some((row) => boxesOf(row).length > 0) ? "boxes" : "table";
  return output.every((row) => isObject(row)) ? "table" : "object";
}

/** The preview to expect of a step, from the JSON Schema of its output and the group of its action. */
export function expectedKind(schema: JsonObject | undefined, group: string): PreviewKind {
  const [type] = [schema?.type].flat();
  if (type === "string") return "text";
  if (type === "array") return "table";
  if (type === "object") return isFileSchema(schema) ? groupKind(group) : "object";
  return type === undefined || type === "null" ? "none" : "line";
}

export interface Analysis extends JsonObject {
  name?: string | null;
  text?: string | null;
  answer?: Json;
  annotated?: JsonObject | null;
}

export interface Box {
  label: string;
  /** From 0 to 1; null if the model returned none. */
  confidence: number | null;
  /** Parts of the image, from 0 to 1. */
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Whether a value is the row of one image, as vision actions return it. */
export function isAnalysis(value: Json): value is Analysis {
  return isObject(value) && "answer" in value && "annotated" in value;
}

export function boxesOf(row: Analysis): Box[] {
  const found = isObject(row.answer) ? row.answer.boxes : undefined;
  if (!Array.isArray(found)) return [];
  return found.flatMap((one) => {
    const at = isObject(one) ? one.relative : undefined;
    if (!isObject(one) || !isObject(at)) return [];
    const number = (key: string): number => (typeof at[key] === "number" ? at[key] : 0);
    return {
      label: typeof one.class === "string" ? one.class : "",
      confidence: typeof one.confidence === "number" ? one.confidence : null,
      x: number("x"),
      y: number("y"),
      width: number("width"),
      height: number("height"),
    };
  });
}

/** All images of a result: those of its metadata if they are more than the output. */
export function imagesOf(output: Json | undefined, metadata?: JsonObject): FileEntry[] {
  const listed = Array.isArray(metadata?.files) ? metadata.files.filter(isFileEntry).filter(isImage) : [];
  const own = (Array.isArray(output) ? output : [output]).filter(isFileEntry).filter(isImage);
  return listed.length > own.length ? listed : own;
}

/** The columns of a list of objects: the keys of its first rows, as they come. */
export function columnsOf(rows: Json[], most = 8): string[] {
  const keys = new Set(rows.slice(0, 50).flatMap((row) => (isObject(row) ? Object.keys(row) : [])));
  const filled = [...keys].filter((key) => rows.slice(0, 50).some((row) => isObject(row) && row[key] != null));
  return (filled.length > 0 ? filled : [...keys]).slice(0, most);
}

export const largeUrl = (output: Json | undefined): string | undefined =>
  isObject(output) && typeof output.$file === "string" ? output.$file : undefined;

const isLarge = (output: Json): boolean => largeUrl(output) !== undefined;

function fileKind(file: FileEntry, metadata?: JsonObject): PreviewKind {
  if (isImage(file) || imagesOf(file, metadata).length > 0) return "images";
  const [kind] = file.mimeType.split("/");
  return kind === "audio" || kind === "video" ? kind : "file";
}

function isFileSchema(schema: JsonObject | undefined): boolean {
  const properties = isObject(schema?.properties) ? schema.properties : {};
  return "mimeType" in properties && "url" in properties;
}

function groupKind(group: string): PreviewKind {
  const known: Record<string, PreviewKind> = { Images: "images", Audio: "audio", Video: "video" };
  return known[group] ?? "file";
}
