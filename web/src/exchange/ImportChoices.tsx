import { X } from "lucide-react";
import type { ReactElement } from "react";

import { useComponent } from "../api/component";
import { IconButton } from "../design/controls";
import { useFlow } from "../flow/store";
import { showField } from "../inspector/showField";
import { words } from "../words";
import { openChoices, useChoices } from "./choices";
import { placeIn } from "./places";

/** What an import left to choose, over the canvas: a click leads to the field. */
export function ImportChoices(): ReactElement | null {
  const flow = useFlow((state) => state.flow);
  const { data: component } = useComponent();
  const choices = openChoices(useChoices((state) => state.choices), flow);
  if (choices.length === 0) return null;
  return (
    <aside className="exchange-choices" aria-label={words.exchange.kinds.choose}>
      <header>
        <b>{words.exchange.counted.choose(choices.length)}</b>
        <IconButton label={words.app.close} onClick={() => useChoices.setState({ choices: [] })}>
          <X />
        </IconButton>
      </header>
      <ul>
        {choices.map((one, index) => (
          <li key={index}>
            <button type="button" onClick={() => showField(one.step, one.path)}>
              <b>{placeIn(component, flow, one.step, one.path)}</b>
              <span>{one.message}</span>
            </button>
          </li>
        ))}
      </ul>
    </aside>
  );
}
