// All keys of the canvas, under `?`.

import type { ReactElement } from "react";

import { useView } from "../app/view";
import { Dialog } from "../design/controls";
import { words } from "../words";

const say = words.canvas.shortcuts;
const KEYS: [group: string, keys: [keys: string[], does: string][]][] = [
  [say.groups.add, [[["/", "Ctrl K"], say.add], [["E"], say.edge], [["N"], say.note], [["G"], say.group]]],
  [say.groups.move, [[["← ↑ → ↓"], say.arrows], [["Alt ← ↑ → ↓"], say.moveBy], [["Enter"], say.open], [["Esc"], say.back], [["[", "]"], say.items], [["Tab"], say.tab]]],
  [say.groups.edit, [[["Ctrl Z", "Ctrl ⇧ Z"], say.undo], [["Ctrl C", "X", "V"], say.clipboard], [["Ctrl D"], say.duplicate], [["Del"], say.remove], [["Ctrl A"], say.all]]],
  [say.groups.run, [[["Ctrl Enter"], say.runStep], [["Ctrl Alt Enter"], say.runFrom], [["Ctrl ⇧ Enter"], say.runFlow], [["Esc Esc"], say.cancel]]],
  [say.groups.see, [[["Space drag", "Wheel"], say.pan], [["1", "2"], say.fit], [["⇧ L"], say.tidy], [["Ctrl ."], say.columns], [["?"], say.list]]],
];

export function Shortcuts(): ReactElement {
  const isOpen = useView((view) => view.dialog === "shortcuts");
  return (
    <Dialog title={say.title} isOpen={isOpen} onClose={() => useView.getState().openDialog(null)} width={760} className="shortcuts">
      <div className="shortcuts-groups">
        {KEYS.map(([group, keys]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {keys.map(([all, does]) => (
                <div key={does}>
                  <dt>{does}</dt>
                  <dd>
                    {all.map((key) => (
                      <kbd key={key} className="canvas-kbd">
                        {key}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
