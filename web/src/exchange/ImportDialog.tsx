// Import: paste, drop or open any format; then a report beside a preview. Nothing is added before it is accepted.

import { useQuery } from "@tanstack/react-query";
import { FolderOpen } from "lucide-react";
import { useRef, useState, type ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { useView } from "../app/view";
import { Button, Dialog } from "../design/controls";
import type { FlowDocument } from "../flow/document";
import { words } from "../words";
import "./exchange.css";
import "./Import.css";
import { ImportReport } from "./ImportReport";
import { readFile } from "./useFileDrop";

export type Imported = Omit<Schemas["ImportedFlow"], "flow"> & { flow: FlowDocument };

export function ImportDialog(): ReactElement | null {
  const isOpen = useView((view) => view.dialog === "import");
  const text = useView((view) => view.importText);
  const openDialog = useView((view) => view.openDialog);
  if (!isOpen) return null;
  return <Import key={text} given={text ?? ""} onClose={() => openDialog(null)} />;
}

function Import({ given, onClose }: { given: string; onClose: () => void }): ReactElement {
  const [text, setText] = useState(given);
  const [source, setSource] = useState(given.trim() ? given : null);
  const [format, setFormat] = useState("");
  const { data, error, isFetching } = useQuery({
    queryKey: ["import", source, format],
    queryFn: () => json<Imported>("/api/import", { body: { source, ...(format ? { format } : {}) } }),
    enabled: source !== null,
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (data) return <ImportReport imported={data} onBack={() => setSource(null)} onClose={onClose} />;
  return (
    <Dialog
      title={words.exchange.importTitle}
      isOpen
      onClose={onClose}
      width={640}
      foot={
        <>
          <OpenFile onText={setSource} />
          <span className="exchange-fill" />
          <Button look="quiet" onClick={onClose}>
            {words.app.cancel}
          </Button>
          <Button look="primary" disabled={text.trim() === "" || isFetching} onClick={() => setSource(text)}>
            {words.exchange.read}
          </Button>
        </>
      }
    >
      <p className="exchange-help">{words.exchange.importHelp}</p>
      <textarea className="exchange-field exchange-source mono" rows={12} value={text} autoFocus spellCheck={false} placeholder={words.exchange.pasteHere} aria-label={words.exchange.source} onChange={(event) => setText(event.target.value)} />
      <label className="exchange-format">
        {words.exchange.format}
        <select className="exchange-select" value={format} onChange={(event) => setFormat(event.target.value)}>
          <option value="">{words.exchange.recognise}</option>
          {Object.entries(words.exchange.formats).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {error && source !== null && (
        <p className="exchange-problem" role="alert">
          {error.message || words.app.serverGone}
        </p>
      )}
    </Dialog>
  );
}

function OpenFile({ onText }: { onText: (text: string) => void }): ReactElement {
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={chooser}
        type="file"
        className="sr-only"
        tabIndex={-1}
        aria-label={words.exchange.openFile}
        onChange={(event) => event.target.files?.[0] && void readFile(event.target.files[0]).then((text) => text !== null && onText(text))}
      />
      <Button onClick={() => chooser.current?.click()}>
        <FolderOpen /> {words.exchange.openFile}
      </Button>
    </>
  );
}
