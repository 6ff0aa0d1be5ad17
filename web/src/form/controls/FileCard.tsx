// A file that a field holds: its picture, name and size; or the place where one is dropped.

import { FileText, Music, Plus, Video, X } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type DragEvent, type ReactElement } from "react";

import { send } from "../../api/client";
import { IconButton } from "../../design/controls";
import { bytes } from "../../design/numbers";
import type { Json } from "../../flow/document";
import { words } from "../../words";
import { isDynamic } from "../dynamic";
import { fileOf, isAccepted, localPath, upload, type FileEntry } from "../files";
import { PillEditor } from "../pills/PillEditor";

interface CardProps {
  id: string;
  value: Json;
  onChange: (value: Json | undefined) => void;
}

export function FileCard({ id, value, onChange }: CardProps): ReactElement {
  const file = fileOf(value);
  if (isDynamic(value) || !file)
    return (
      <div className="file-pill">
        <PillEditor id={id} value={typeof value === "string" ? value : JSON.stringify(value)} isMono onChange={(text) => onChange(text === "" ? undefined : text)} />
        <IconButton className="field-tool" label={words.form.remove} onClick={() => onChange(undefined)}>
          <X />
        </IconButton>
      </div>
    );
  return (
    <div className="file-card" id={id} tabIndex={-1}>
      <Thumb file={file} />
      <span className="file-text">
        <b title={file.name}>{file.name}</b>
        <Size file={file} />
      </span>
      <IconButton className="field-tool" label={words.form.removeKey(file.name)} onClick={() => onChange(undefined)}>
        <X />
      </IconButton>
    </div>
  );
}

function Thumb({ file }: { file: FileEntry }): ReactElement {
  const path = localPath(file.url);
  if (path !== undefined && /^image\/(png|jpeg|webp|gif)$/.test(file.mimeType)) return <img className="file-thumb" src={path} alt="" />;
  const Icon = file.mimeType.startsWith("audio/") ? Music : file.mimeType.startsWith("video/") ? Video : FileText;
  return (
    <span className="file-thumb">
      <Icon aria-hidden />
    </span>
  );
}

function Size({ file }: { file: FileEntry }): ReactElement {
  const path = localPath(file.url);
  const { data } = useQuery({
    queryKey: ["file-size", path],
    queryFn: async () => Number((await send(path ?? "", { method: "HEAD" })).headers.get("Content-Length")),
    staleTime: Number.POSITIVE_INFINITY,
    enabled: path !== undefined,
  });
  const parts = [file.extension || file.mimeType, data ? bytes(data) : ""].filter((part) => part !== "");
  return <em>{parts.join(" · ")}</em>;
}

interface DropProps {
  id: string;
  accept: string[] | undefined;
  isMany: boolean;
  disabled: boolean;
  isInvalid: boolean;
  onFiles: (files: FileEntry[]) => void;
}

export function FileDrop({ id, accept, isMany, disabled, isInvalid, onFiles }: DropProps): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const [state, setState] = useState<{ text: string; isProblem: boolean } | null>(null);
  const take = async (list: FileList | null): Promise<void> => {
    const files = [...(list ?? [])].slice(0, isMany ? undefined : 1);
    const wrong = files.find((file) => !isAccepted(file, accept));
    if (wrong) { setState({ text: words.form.wrongFile(wrong.name, (accept ?? []).join(", ")), isProblem: true }); return; }
    if (files.length === 0) return;
    setState({ text: words.form.uploading, isProblem: false });
    try {
      onFiles(await Promise.all(files.map(upload)));
      setState(null);
    } catch (error) {
      setState({ text: error instanceof Error && error.message ? error.message : words.app.serverGone, isProblem: true });
    }
  };
  const drop = (event: DragEvent): void => {
    setIsOver(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    void take(event.dataTransfer.files);
  };
  return (
    <>
      <button
        id={id}
        type="button"
        className={`file-drop ${isOver ? "is-over" : ""}`}
        aria-invalid={isInvalid}
        aria-describedby={`${id}-line`}
        disabled={disabled}
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes("Files")) return;
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        <Plus aria-hidden /> {state && !state.isProblem ? state.text : words.form.dropFile}
      </button>
      {state?.isProblem && <p className="field-problem" role="alert">{state.text}</p>}
      <input
        ref={input}
        type="file"
        hidden
        accept={accept?.join(",")}
        multiple={isMany}
        onChange={(event) => {
          void take(event.target.files);
          event.target.value = "";
        }}
      />
    </>
  );
}
