// What a step returned, or returns right now: the same in a node and in the inspector.

import { Suspense, type ReactElement } from "react";

import { later } from "../app/later";
import type { Json, JsonObject } from "../flow/document";
import type { StepRun } from "../runs/state";
import { words } from "../words";
import { AudioPlayer } from "./AudioPlayer";
import { Boxes } from "./Boxes";
import { addressOf, isFileEntry, isOwn, type FileEntry } from "./files";
import { DownloadLink, Images } from "./Images";
import { LargeValue } from "./LargeValue";
import { ObjectRows, RowsInNode } from "./ObjectRows";
import { imagesOf, isAnalysis, largeUrl, previewKind } from "./preview";
import "./results.css";
import { LiveText, LongText } from "./Texts";
import { brief } from "./values";

const DataTable = later(async () => (await import("./DataTable")).DataTable);

interface Props {
  run: StepRun;
  /** `node` is small and of a fixed height; `panel` shows all. */
  size: "node" | "panel";
}

export function ResultPreview({ run, size }: Props): ReactElement | null {
  if (run.status === "failed" || run.status === "doubt") return <Reason run={run} size={size} />;
  if (run.output === undefined || run.output === null) return <Live run={run} size={size} />;
  return <ValuePreview value={run.output} size={size} {...(run.metadata ? { metadata: run.metadata } : {})} />;
}

/** What has come of an answer so far: its text, or an image that is not finished. */
function Live({ run, size }: Props): ReactElement | null {
  if (run.text) return <LiveText text={run.text} isLive={run.status === "running"} size={size} />;
  return run.preview ? <Images files={[{ ...run.preview, name: words.results.unfinishedImage }]} size={size} /> : null;
}

interface ValueProps {
  value: Json;
  metadata?: JsonObject;
  size: "node" | "panel";
}

/** The preview of a value without a run: an output of a past run, or a sample. */
export function ValuePreview({ value, metadata, size }: ValueProps): ReactElement | null {
  const isNode = size === "node";
  switch (previewKind(value, metadata)) {
    case "none":
      return null;
    case "text":
      return typeof value === "string" ? <LongText text={value} size={size} /> : null;
    case "images":
      return <Images files={imagesOf(value, metadata)} size={size} />;
    case "audio":
      return isFileEntry(value) ? <Audio file={value} size={size} /> : null;
    case "video":
      return isFileEntry(value) ? <Video file={value} size={size} /> : null;
    case "boxes":
      return Array.isArray(value) ? <Boxes rows={value.filter(isAnalysis)} size={size} /> : null;
    case "table":
      if (!Array.isArray(value)) return null;
      return isNode ? <RowsInNode value={value} /> : <Suspense><DataTable rows={value} /></Suspense>;
    case "object":
      return isNode ? <RowsInNode value={value} /> : <ObjectRows value={value} />;
    case "large":
      return <LargeValue url={largeUrl(value) ?? ""} size={size} />;
    case "file":
      return isFileEntry(value) ? <AnyFile file={value} size={size} /> : null;
    default:
      return <p className={`result-line result-line-${size}`}>{brief(value)}</p>;
  }
}

function Reason({ run, size }: Props): ReactElement {
  const text = run.error?.message ?? run.error?.detail ?? words.results.noReason;
  const tone = run.status === "doubt" ? "result-reason-doubt" : "";
  return (
    <div className={`result-reason result-reason-${size} ${tone}`}>
      <p title={text}>{text}</p>
      {size === "panel" && <PartialResult run={run} />}
    </div>
  );
}

/** What a step had received before it failed. */
export function PartialResult({ run }: { run: StepRun }): ReactElement | null {
  const text = run.error?.partial ?? run.text;
  if (!text) return null;
  return (
    <>
      <p className="result-note">{words.results.partial}</p>
      <LongText text={text} size="panel" />
    </>
  );
}

interface FileProps {
  file: FileEntry;
  size: "node" | "panel";
}

function Audio({ file, size }: FileProps): ReactElement {
  if (!isOwn(file.url)) return <AnyFile file={file} size={size} />;
  if (size === "node") return <AudioPlayer file={file} />;
  return (
    <div className="result-stack">
      <AudioPlayer file={file} />
      <AnyFile file={file} size={size} />
    </div>
  );
}

function Video({ file, size }: FileProps): ReactElement {
  if (!isOwn(file.url)) return <AnyFile file={file} size={size} />;
  return (
    <div className={`result-video result-video-${size} nodrag`}>
      <video src={addressOf(file.url)} controls playsInline preload="metadata" aria-label={file.name} />
      {size === "panel" && <AnyFile file={file} size={size} />}
    </div>
  );
}

function AnyFile({ file, size }: FileProps): ReactElement {
  return (
    <p className={`result-file result-line-${size}`}>
      <span title={file.name}>{file.name}</span>
      <span className="mono">{file.extension}</span>
      {size === "panel" && <DownloadLink file={file} />}
    </p>
  );
}
