// A text with its pills as chips, as a node shows it.

import { memo, type ReactElement, type ReactNode } from "react";

import { groupColours } from "../design/ActionIcon";
import { pathOf, pillsOf } from "../flow/expressions";
import { useScene } from "./scene";

export const PillText = memo(function PillText({ text }: { text: string }): ReactElement {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const pill of pillsOf(text)) {
    if (pill.start > end) parts.push(text.slice(end, pill.start));
    parts.push(<Pill key={pill.start} expression={pill.expression} />);
    end = pill.end;
  }
  parts.push(text.slice(end));
  return <>{parts}</>;
});

export function Pill({ expression }: { expression: string }): ReactElement {
  const [name, rest] = pathOf(expression) ?? [expression, ""];
  const group = useScene((scene) => scene.byId.get(name)?.action?.group ?? "flow");
  return (
    <span className="canvas-pill" style={groupColours(group)}>
      <b>{name}</b>
      {rest && <span>{rest}</span>}
    </span>
  );
}
