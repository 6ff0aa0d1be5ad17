// What the step returned: rendered, as JSON, what is known of it, and the request that was sent.

import { useQuery } from "@tanstack/react-query";
import { Copy, GripVertical } from "lucide-react";
import { Tabs } from "radix-ui";
import type { ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { useView } from "../app/view";
import { IconButton } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { duration, money, whole } from "../design/numbers";
import { isObject, type Json, type JsonObject } from "../flow/document";
import { useFlow } from "../flow/store";
import { previewKind } from "../results/preview";
import { PartialResult, ResultPreview } from "../results/ResultPreview";
import { timeOf } from "../runs/progress";
import type { StepRun } from "../runs/state";
import { words } from "../words";
import { JsonTree } from "./JsonTree";
import type { InspectedStep } from "./useStep";

const TABS = ["rendered", "json", "metadata", "request"] as const;

interface Props {
  found: InspectedStep;
  /** What is shown of a failure, if no form with it stands beside the output. */
  failure?: ReactElement;
}

export function OutputTab({ found, failure }: Props): ReactElement {
  const { run, step } = found;
  const name = step.task.name;
  return (
    <Tabs.Root className="output" defaultValue="rendered">
      <div className="inspector-tabs output-tabs">
        <Tabs.List className="inspector-tablist" aria-label={words.inspector.output}>
          {TABS.map((one) => (
            <Tabs.Trigger key={one} value={one} className="inspector-tab">
              {words.inspector.outputTabs[one]}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {run?.output !== undefined && <CopyButton text={textOf(run.output)} />}
      </div>
      <div className="inspector-body">
        {run ? <Facts run={run} /> : null}
        <Tabs.Content value="rendered" className="output-pane" tabIndex={-1}>
          {run ? <Rendered run={run} failure={failure} /> : <p className="inspector-empty">{words.inspector.noOutput}</p>}
        </Tabs.Content>
        <Tabs.Content value="json" className="output-pane" tabIndex={-1}>
          {run?.output === undefined ? <p className="inspector-empty">{words.inspector.noOutput}</p> : <JsonTree name={name} value={run.output} />}
        </Tabs.Content>
        <Tabs.Content value="metadata" className="output-pane" tabIndex={-1}>
          {run?.metadata ? <JsonTree name={`metadata.${name}`} value={run.metadata} /> : <p className="inspector-empty">{words.inspector.noOutput}</p>}
        </Tabs.Content>
        <Tabs.Content value="request" className="output-pane" tabIndex={-1}>
          <RequestText name={name} />
        </Tabs.Content>
        {run?.output !== undefined && (
          <p className="output-tip">
            <GripVertical aria-hidden /> {words.inspector.dragHint}
          </p>
        )}
      </div>
    </Tabs.Root>
  );
}

function Rendered({ run, failure }: { run: StepRun; failure: ReactElement | undefined }): ReactElement {
  const isTree = isObject(run.output) && previewKind(run.output, run.metadata) === "object";
  const hasFailed = run.status === "failed" || run.status === "doubt";
  return (
    <>
      {hasFailed && failure}
      {run.reasoning !== "" && (
        <details className="output-reasoning">
          <summary>{words.inspector.reasoning}</summary>
          <p>{run.reasoning}</p>
        </details>
      )}
      {isTree && run.status === "done" ? <JsonTree name={run.step} value={run.output ?? null} /> : hasFailed ? <PartialResult run={run} /> : <ResultPreview run={run} size="panel" />}
      {run.metadata && <Usage metadata={run.metadata} />}
    </>
  );
}

function Facts({ run }: { run: StepRun }): ReactElement {
  const time = timeOf(run);
  return (
    <p className="output-facts">
      <Glyph status={run.status} />
      <b>{words.states[run.status]}</b>
      {time !== null && <span className="mono">{duration(time)}</span>}
      <span className="mono">{money(run.cost)}</span>
    </p>
  );
}

function Usage({ metadata }: { metadata: JsonObject }): ReactElement {
  const usage = isObject(metadata.usage) ? metadata.usage : {};
  const text = (value: Json | undefined): string | null => (typeof value === "string" || typeof value === "number" ? String(value) : null);
  const number = (value: Json | undefined): string | null => (typeof value === "number" ? whole(value) : text(value));
  const [input, output] = [number(usage.prompt_tokens ?? usage.input_tokens), number(usage.completion_tokens ?? usage.output_tokens)];
  const facts: [string, string | null][] = [
    [words.inspector.tokens, input !== null && output !== null ? words.inspector.inOut(input, output) : null],
    [words.inspector.provider, text(metadata.provider)],
    [words.form.model, text(metadata.model)],
    [words.inspector.generation, text(metadata.generationId)],
  ];
  const known = facts.filter(([, value]) => value !== null);
  if (known.length === 0) return <></>;
  return (
    <dl className="output-usage">
      {known.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="mono" title={value ?? ""}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The request of the step as curl; the key is a variable of the shell, never the key itself. */
function RequestText({ name }: { name: string }): ReactElement {
  const flow = useFlow((state) => state.flow);
  const { data, error } = useQuery({
    queryKey: ["export-curl", name, flow],
    queryFn: () => json<Schemas["ExportedFlow"]>("/api/export", { body: { flow, format: "curl", step: name } }),
    gcTime: 10_000,
  });
  if (error) return <p className="inspector-empty">{error.message || words.app.serverGone}</p>;
  if (!data) return <p className="inspector-empty">{words.form.loading}</p>;
  return (
    <>
      <div className="output-code">
        <pre className="mono">{data.text}</pre>
        <CopyButton text={data.text} />
      </div>
      {data.notes.length > 0 && <ul className="output-notes">{data.notes.map((one) => <li key={one.path + one.message}>{one.message}</li>)}</ul>}
    </>
  );
}

function CopyButton({ text }: { text: string }): ReactElement {
  const say = useView((view) => view.say);
  return (
    <IconButton className="output-copy" label={words.inspector.copy} onClick={() => void navigator.clipboard.writeText(text).then(() => say(words.app.copied))}>
      <Copy />
    </IconButton>
  );
}

const textOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
