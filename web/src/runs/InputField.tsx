import { useMutation } from "@tanstack/react-query";
import { Upload, X } from "lucide-react";
import { useRef, type ReactElement } from "react";

import { json } from "../api/client";
import { Button, IconButton } from "../design/controls";
import type { FlowInput, Json } from "../flow/document";
import { isFileEntry, type FileEntry } from "../results/files";
import { words } from "../words";
import { kindOf } from "./inputs";

interface Props {
  input: FlowInput;
  value: Json;
  problem: string | undefined;
  hasFocus: boolean;
  onChange: (value: Json) => void;
}

export function InputField(props: Props): ReactElement {
  const { input, problem } = props;
  const help = typeof input.description === "string" ? input.description : "";
  return (
    <div className="runs-field">
      <label htmlFor={`input-${input.name}`} className="runs-label">
        {input.label || input.name}
        {input.required && <span className="runs-required" title={words.runs.requiredInput} />}
        {input.label && input.label !== input.name && <span className="mono">{input.name}</span>}
      </label>
      <Control {...props} />
      {(problem ?? help) && <p className={problem ? "runs-problem" : "runs-help"}>{problem ?? help}</p>}
    </div>
  );
}

function Control({ input, value, problem, hasFocus, onChange }: Props): ReactElement {
  const id = `input-${input.name}`;
  const common = { id, autoFocus: hasFocus, "aria-invalid": problem !== undefined, "aria-required": input.required ?? false };
  switch (kindOf(input)) {
    case "boolean":
      return (
        <span className="runs-check">
          <input {...common} type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked)} />
        </span>
      );
    case "number":
      return <input {...common} className="runs-control" inputMode="decimal" value={textOf(value)} onChange={(event) => onChange(event.target.value)} />;
    case "json":
      return <textarea {...common} className="runs-control mono" rows={4} spellCheck={false} value={textOf(value)} onChange={(event) => onChange(event.target.value)} />;
    case "file":
      return <FileControl id={id} value={value} onChange={onChange} />;
    case "text":
      return <textarea {...common} className="runs-control" rows={2} value={textOf(value)} onChange={(event) => onChange(event.target.value)} />;
  }
}

function FileControl({ id, value, onChange }: { id: string; value: Json; onChange: (value: Json) => void }): ReactElement {
  const chooser = useRef<HTMLInputElement>(null);
  const upload = useMutation({
    mutationFn: (file: File) => {
      const body = new FormData();
      body.append("file", file);
      return json<FileEntry>("/api/files", { body });
    },
    onSuccess: onChange,
  });
  return (
    <span className="runs-file">
      <input ref={chooser} id={id} type="file" className="sr-only" tabIndex={-1} onChange={(event) => event.target.files?.[0] && upload.mutate(event.target.files[0])} />
      {isFileEntry(value) && <b>{value.name}</b>}
      <Button disabled={upload.isPending} onClick={() => chooser.current?.click()}>
        <Upload /> {upload.isPending ? words.runs.uploading : words.runs.chooseFile}
      </Button>
      {isFileEntry(value) && (
        <IconButton label={words.runs.removeFile} onClick={() => onChange(null)}>
          <X />
        </IconButton>
      )}
      {upload.isError && <span className="runs-problem">{upload.error.message || words.app.serverGone}</span>}
    </span>
  );
}

const textOf = (value: Json): string => (typeof value === "string" ? value : value === null ? "" : JSON.stringify(value));
