// What the chosen action needs and returns, and what is filled in for it.

import type { ReactElement } from "react";

import { ActionIcon } from "../design/ActionIcon";
import { kindOfAction, newTask, type Kind } from "../flow/edits";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { filled, titleOf } from "./commands";
import { PillText } from "./PillText";
import { mainText } from "./shown";

export function CommandAside({ kind, source }: { kind: Kind | undefined; source: string | undefined }): ReactElement {
  const flow = useFlow((state) => state.flow);
  if (kind === undefined) return <aside className="command-aside" />;
  const say = words.canvas.menu;
  const action = typeof kind === "string" ? undefined : kind;
  const required = action?.properties.filter((one) => one.required && one.defaultValue === undefined && one.controlType !== "MULTI_SELECT").map((one) => one.name) ?? [];
  const task = source === undefined ? undefined : filled(flow, newTask(flow, kind, titleOf(kind)), source);
  const text = task ? mainText(task, action) : "";
  return (
    <aside className="command-aside">
      <header>
        <ActionIcon of={kind} size="large" />
        <div>
          <b>{titleOf(kind)}</b>
          <span className="mono">{typeof kind === "string" ? `${kind}/v1` : kind.name}</span>
        </div>
      </header>
      <p>{typeof kind === "string" ? words.canvas.flowHelp[kind] : kind.description}</p>
      {action && (
        <dl>
          <dt>{say.requires}</dt>
          <dd>{required.length > 0 ? required.join(", ") : say.nothingRequired}</dd>
          <dt>{say.returns}</dt>
          <dd>{say.kinds[kindOfAction(action)]}</dd>
          <dt>{say.streams}</dt>
          <dd>{action.streams ? say.yes : say.no}</dd>
        </dl>
      )}
      {text.includes("${") && (
        <>
          <h4>{say.filledIn}</h4>
          <div className="command-filled">
            <span className="mono">{action?.main ?? ""}</span> <PillText text={text} />
          </div>
        </>
      )}
    </aside>
  );
}
