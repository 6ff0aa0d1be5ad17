// The beginning of a text with its pills as chips, as a node shows it.

import { memo, type ReactElement } from "react";

import { groupColours } from "../design/ActionIcon";
import { pathOf } from "../flow/expressions";
import { beginning } from "../form/pills/segments";
import { useScene } from "./scene";

/** More than a node or the menu has room for. The browser would lay out the rest as well, at each key that is typed. */
const SHOWN = 1000;

export const PillText = memo(function PillText({ text }: { text: string }): ReactElement {
  return <>{beginning(text, SHOWN).map((part, index) => ("pill" in part ? <Pill key={index} expression={part.pill} /> : part.text))}</>;
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
