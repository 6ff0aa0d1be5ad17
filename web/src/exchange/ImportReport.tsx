import { useState, type ReactElement } from "react";

import { useComponent } from "../api/component";
import { useView } from "../app/view";
import { Button } from "../design/controls";
import type { FlowDocument } from "../flow/document";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { added, KINDS, numbered, type Kind, type NumberedFix } from "./adding";
import { keepChoices } from "./choices";
import type { Imported } from "./ImportDialog";
import { ImportPreview } from "./ImportPreview";
import { openNew } from "./opening";
import { placeOf } from "./places";

interface Props {
  imported: Imported;
  onBack: () => void;
  onClose: () => void;
}

export function ImportReport({ imported, onBack, onClose }: Props): ReactElement {
  const { flow, report } = imported;
  const fixes = numbered(flow, report.fixes);
  const [marked, setMarked] = useState<string | null>(null);
  const open = useFlow((state) => state.flow);
  const accept = (act: () => void) => () => {
    act();
    keepChoices(flow, fixes, useFlow.getState().flow);
    onClose();
    useView.getState().show("canvas");
  };
  const { formats } = words.exchange;
  const name = report.format in formats ? formats[report.format as keyof typeof formats] : report.format;
  const kinds = KINDS.filter((kind) => (report.counts[kind] ?? 0) > 0);
  return (
    <div className="import" role="dialog" aria-modal="true" aria-label={words.exchange.importTitle} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <section className="import-stage" aria-label={words.exchange.preview}>
        <header className="import-bar">
          <span className="exchange-fine">{words.exchange.preview}</span>
          <b>{flow.label || words.app.untitled}</b>
          <span className="import-count">{words.exchange.reading(name, kinds.map((kind) => words.exchange.counted[kind](report.counts[kind] ?? 0)))}</span>
        </header>
        <ImportPreview flow={flow} fixes={fixes} marked={marked} />
      </section>
      <aside className="import-report" aria-label={words.exchange.report}>
        <header>
          <h2>{words.exchange.report}</h2>
          <p>{words.exchange.nothingAdded}</p>
          <ul className="import-chips">
            {kinds.map((kind) => (
              <li key={kind} className={`import-${kind}`}>
                {words.exchange.counted[kind](report.counts[kind] ?? 0)}
              </li>
            ))}
          </ul>
        </header>
        <div className="import-fixes">
          {KINDS.map((kind) => (
            <Fixes key={kind} flow={flow} kind={kind} fixes={fixes.filter((fix) => fix.kind === kind)} onMark={setMarked} />
          ))}
        </div>
        <footer>
          <Button look="quiet" onClick={onBack}>
            {words.exchange.back}
          </Button>
          <span className="exchange-fill" />
          <Button look="quiet" onClick={onClose}>
            {words.app.cancel}
          </Button>
          {open.tasks.length > 0 && (
            <Button onClick={accept(() => useFlow.getState().edit(words.exchange.importSteps(flow.tasks.length), (old) => added(old, flow)))}>
              {words.exchange.addToFlow}
            </Button>
          )}
          <Button look="primary" autoFocus onClick={accept(() => openNew(flow, true))}>
            {words.exchange.asNewFlow}
          </Button>
        </footer>
      </aside>
    </div>
  );
}

function Fixes({ flow, kind, fixes, onMark }: { flow: FlowDocument; kind: Kind; fixes: NumberedFix[]; onMark: (step: string | null) => void }): ReactElement | null {
  const { data: component } = useComponent();
  if (fixes.length === 0) return null;
  const list = (
    <ul>
      {fixes.map((fix) => (
        <li key={fix.number} onMouseEnter={() => onMark(fix.step || null)} onMouseLeave={() => onMark(null)}>
          <b className={`import-number import-${kind}`}>{fix.number}</b>
          <div>
            <p>
              {fix.step !== "" && <b>{placeOf(component, flow, fix.place)}: </b>}
              {sentence(fix)}
            </p>
            <p className="mono import-places">
              {fix.source && <code>{fix.source}</code>}
              {fix.source && fix.place && " › "}
              {fix.place && <code>{fix.place}</code>}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
  if (kind !== "kept")
    return (
      <section>
        <h3>{words.exchange.kinds[kind]}</h3>
        {list}
      </section>
    );
  return (
    <details>
      <summary>
        {words.exchange.kinds.kept} {fixes.length}
      </summary>
      {list}
    </details>
  );
}

/** Messages go on from the name of their source, "max_tokens is maxTokens", or are sentences of their own. */
function sentence({ message, source }: NumberedFix): string {
  const name = /[^.[\]]+$/.exec(source)?.[0];
  if (message.startsWith("is ") && name) return `${name} ${message}`;
  return /^(a|an|its?|no|the|this)\b/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}
