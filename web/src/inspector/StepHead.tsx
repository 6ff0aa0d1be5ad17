import { Columns2, Ellipsis, GitCompareArrows, Trash2, X } from "lucide-react";
import type { ReactElement } from "react";

import { useView } from "../app/view";
import { ActionIcon } from "../design/ActionIcon";
import { IconButton, Menu, MenuItem, MenuLine } from "../design/controls";
import { actionOf, wordOf } from "../flow/containers";
import { useFlow } from "../flow/store";
import { remove } from "../flow/tree";
import { words } from "../words";
import type { InspectedStep } from "./useStep";

export function StepHead({ found, onCompare }: { found: InspectedStep; onCompare: () => void }): ReactElement {
  const { hasTwoColumns, setInspector } = useView();
  const { task } = found.step;
  const { action } = found;
  const hasModel = action?.properties.some((one) => one.name === "model") ?? false;
  const drop = (): void => useFlow.getState().edit(words.inspector.deleted, (flow) => remove(flow, new Set([found.step.ref])));
  return (
    <header className="inspector-head">
      <ActionIcon of={action ?? wordOf(task)} size="large" />
      <span className="inspector-title">
        <h2>{task.label || action?.title || words.inspector.wordTitle(actionOf(task) || wordOf(task))}</h2>
        <span className="mono">{task.name}</span>
      </span>
      <IconButton className="inspector-columns" label={words.inspector.twoColumns} keys="Ctrl-." aria-pressed={hasTwoColumns} onClick={() => setInspector({ hasTwoColumns: !hasTwoColumns })}>
        <Columns2 />
      </IconButton>
      <Menu
        align="end"
        trigger={
          <button type="button" className="icon-button" aria-label={words.inspector.more}>
            <Ellipsis />
          </button>
        }
      >
        {hasModel && (
          <MenuItem icon={<GitCompareArrows />} onSelect={onCompare}>
            {words.inspector.compare}
          </MenuItem>
        )}
        {action?.help && (
          <MenuItem onSelect={() => window.open(action.help, "_blank", "noopener")}>{words.inspector.help}</MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={<Trash2 />} isDangerous onSelect={drop}>
          {words.inspector.delete}
        </MenuItem>
      </Menu>
      <IconButton label={words.app.close} onClick={() => setInspector({ isInspectorOpen: false })}>
        <X />
      </IconButton>
    </header>
  );
}
