// The open flow, or one step of it, as text for other programs. What looked like a secret is not in it, and said.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Copy, Download, ShieldCheck } from "lucide-react";
import { useState, type ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { useView } from "../app/view";
import { Button, Dialog } from "../design/controls";
import { useFlow } from "../flow/store";
import { find } from "../flow/tree";
import { words } from "../words";
import { downloadText, fileName } from "./download";
import "./exchange.css";
import "./Import.css";

const FORMATS = ["bytechef", "bytechef_yaml", "python", "curl", "mcp_call"] as const;
type Format = (typeof FORMATS)[number];
const EXTENSIONS: Record<Format, string> = { bytechef: "json", bytechef_yaml: "yaml", python: "py", curl: "sh", mcp_call: "json" };

export function ExportDialog(): ReactElement | null {
  const isOpen = useView((view) => view.dialog === "export");
  return isOpen ? <Export /> : null;
}

function Export(): ReactElement {
  const close = (): void => useView.getState().openDialog(null);
  const flow = useFlow((state) => state.flow);
  const selected = [...useFlow.getState().selected].flatMap((name) => find(flow, name)?.task ?? []);
  const only = selected.length === 1 ? selected[0] : undefined;
  const [format, setFormat] = useState<Format>("bytechef");
  const [step, setStep] = useState("");
  const { data, error } = useQuery({
    queryKey: ["export", flow, format, step],
    queryFn: () => json<Schemas["ExportedFlow"]>("/api/export", { body: { flow, format, ...(step ? { step } : {}) } }),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(data?.text ?? "");
    useView.getState().say(words.app.copied);
  };
  return (
    <Dialog
      title={words.exchange.exportTitle}
      isOpen
      onClose={close}
      width={720}
      foot={
        <>
          {data && (
            <span className={`export-scan exchange-fill ${data.removed.length > 0 ? "export-removed" : ""}`}>
              <ShieldCheck aria-hidden />
              {data.removed.length > 0 ? words.exchange.removed(data.removed.length) : words.exchange.nothingRemoved}
            </span>
          )}
          <Button disabled={!data} onClick={() => data && downloadText(data.text, `${fileName(flow)}.${EXTENSIONS[format]}`, data.mediaType)}>
            <Download /> {words.results.download}
          </Button>
          <Button look="primary" disabled={!data} onClick={() => void copy()}>
            <Copy /> {words.exchange.copy}
          </Button>
        </>
      }
    >
      <div className="export-choices">
        <label>
          {words.exchange.format}
          <select className="exchange-select" value={format} onChange={(event) => setFormat(event.target.value as Format)}>
            {FORMATS.map((one) => (
              <option key={one} value={one}>
                {words.exchange.exportFormats[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.exchange.what}
          <select className="exchange-select" value={step} onChange={(event) => setStep(event.target.value)}>
            <option value="">{words.exchange.wholeFlow}</option>
            {only && <option value={only.name}>{only.label || only.name}</option>}
          </select>
        </label>
      </div>
      {error ? (
        <p className="exchange-problem" role="alert">
          {error.message || words.app.serverGone}
        </p>
      ) : (
        <pre className="export-text" tabIndex={0} aria-label={words.exchange.exportedText}>
          {data?.text}
        </pre>
      )}
      {data && !error && <Notes exported={data} />}
    </Dialog>
  );
}

function Notes({ exported }: { exported: Schemas["ExportedFlow"] }): ReactElement | null {
  const { removed, notes } = exported;
  if (removed.length === 0 && notes.length === 0) return null;
  return (
    <ul className="export-notes">
      {removed.map((place) => (
        <li key={place.path}>
          {words.exchange.leftOut} <span className="mono">{place.path}</span> {place.message}
        </li>
      ))}
      {notes.map((note) => (
        <li key={note.path + note.message}>
          <span className="mono">{note.path}</span> {note.message}
        </li>
      ))}
    </ul>
  );
}
