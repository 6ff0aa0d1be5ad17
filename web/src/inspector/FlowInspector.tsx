// The flow itself: shown when no step is selected.

import { X } from "lucide-react";
import { useCallback, useEffect, useMemo, type ReactElement } from "react";

import { useView } from "../app/view";
import { IconButton } from "../design/controls";
import { useFlowCheck } from "../flow/check";
import type { FlowDocument, Json, JsonObject } from "../flow/document";
import { useFlow } from "../flow/store";
import { namesTaken, rename } from "../flow/tree";
import { Form } from "../form/Form";
import { ReadForm } from "../form/ReadForm";
import { labelAt, undoGroup, valueAt, withValue } from "../form/paths";
import { readableBy } from "../form/pills/readable";
import { words } from "../words";
import { FLOW } from "./settings";

export function FlowInspector(): ReactElement {
  const flow = useFlow((state) => state.flow);
  const isPast = useFlow((state) => state.shownRun !== null);
  const check = useFlowCheck();
  const setInspector = useView((view) => view.setInspector);
  const { label, description, inputs, outputs } = flow;
  const values = useMemo(() => {
    const known = { label, description, inputs, outputs };
    return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0)));
  }, [label, description, inputs, outputs]);
  const readable = useMemo(() => readableBy(flow, undefined, check?.outputs ?? {}), [flow, check?.outputs]);
  const problems = useMemo(() => (check?.problems ?? []).filter((one) => /^(inputs|outputs|label)\b/.test(one.path)), [check]);
  useSelectedEnd();
  const change = useCallback((path: string, value: Json | undefined) => {
    const { flow: old, edit } = useFlow.getState();
    const group = undoGroup(old as unknown as JsonObject, path, value, "flow.");
    edit(words.inspector.change(labelAt(FLOW, path)), (now) => changedFlow(now, path, value), group);
  }, []);
  return (
    <div className="inspector-column">
      <header className="inspector-head">
        <span className="inspector-title">
          <h2>{words.inspector.flow}</h2>
          <span>{words.inspector.flowHelp}</span>
        </span>
        <IconButton label={words.app.close} onClick={() => setInspector({ isInspectorOpen: false })}>
          <X />
        </IconButton>
      </header>
      <div className="inspector-body inspector-line">
        {isPast ? <ReadForm properties={FLOW} values={values} /> : <Form properties={FLOW} values={values} onChange={change} readable={readable} problems={problems} />}
      </div>
    </div>
  );
}

/** An input or an output that is selected on the canvas is shown in the form. */
function useSelectedEnd(): void {
  const selected = useFlow(({ flow, selected: all }) => {
    const [kind, name] = /^(input|output):(.*)$/.exec(all.size === 1 ? ([...all][0] ?? "") : "")?.slice(1) ?? [];
    const list = kind === "input" ? flow.inputs : flow.outputs;
    const index = kind === undefined ? -1 : (list ?? []).findIndex((one) => one.name === name);
    return index < 0 ? "" : `${kind}s[${index}]`;
  });
  useEffect(() => {
    if (selected) document.querySelector(`.inspector [data-path="${CSS.escape(selected)}"]`)?.scrollIntoView({ block: "center" });
  }, [selected]);
}

/** An input that gets another name is renamed wherever it is read. */
function changedFlow(flow: FlowDocument, path: string, value: Json | undefined): FlowDocument {
  const lists = { inputs: flow.inputs ?? [], outputs: flow.outputs ?? [] };
  const old = valueAt(lists, path);
  if (/^inputs\[\d+\]\.name$/.test(path) && typeof value === "string") {
    if (namesTaken(flow).includes(value)) return flow;
    const renamed = typeof old === "string" && old !== "" ? rename(flow, old, value) : flow;
    return withValue(renamed as unknown as JsonObject, path, value) as unknown as FlowDocument;
  }
  return withValue(flow as unknown as JsonObject, path, value ?? (path in lists ? [] : undefined)) as unknown as FlowDocument;
}
