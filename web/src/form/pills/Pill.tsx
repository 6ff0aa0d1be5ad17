// What a chip shows: the icon of the step, its name, and the path into its output.

import { Download } from "lucide-react";
import { memo, type ReactElement } from "react";

import { actionFor, useComponent, type Action } from "../../api/component";
import { ActionIcon, groupColours } from "../../design/ActionIcon";
import { wordOf } from "../../flow/containers";
import { useFlow } from "../../flow/store";
import { find } from "../../flow/tree";
import { chipText } from "./segments";

export const Pill = memo(function Pill({ expression }: { expression: string }): ReactElement {
  const { name, rest, isPlain } = chipText(expression);
  const source = useSource(name);
  return (
    <span className="pill-body" style={groupColours(typeof source === "object" ? source.group : "flow")} title={`\${${expression}}`}>
      {isPlain && <SourceIcon source={source} />}
      <span className="pill-name">{name}</span>
      {rest && <span className="pill-rest">{rest}</span>}
    </span>
  );
});

/** The action of a step, the word of a container, or `input`. */
export type Source = Action | string;

export function SourceIcon({ source }: { source: Source }): ReactElement {
  if (source === "input") return <Download className="pill-input" aria-hidden />;
  return <ActionIcon of={source} size="small" />;
}

export function useSource(name: string): Source {
  const { data: component } = useComponent();
  // The step alone: a chip is not drawn again when another step changes.
  const task = useFlow(({ flow }) => find(flow, name)?.task);
  return task ? (actionFor(component, task) ?? wordOf(task)) : "input";
}
