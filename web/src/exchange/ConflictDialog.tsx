import type { ReactElement } from "react";

import { Button, Dialog } from "../design/controls";
import type { FlowDocument } from "../flow/document";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { differencesOf, type Difference } from "./differences";
import { keepMine, takeTheirs } from "./saving";

interface Props {
  theirs: FlowDocument;
  onClose: () => void;
}

const KINDS: Record<Difference["kind"], string> = {
  mine: words.exchange.onlyMine,
  theirs: words.exchange.onlyTheirs,
  changed: words.exchange.changed,
};

export function ConflictDialog({ theirs, onClose }: Props): ReactElement {
  const mine = useFlow((state) => state.flow);
  const differences = differencesOf(mine, theirs);
  const then = (act: () => void) => () => {
    act();
    onClose();
  };
  return (
    <Dialog
      title={words.exchange.changedTitle}
      isOpen
      onClose={onClose}
      foot={
        <>
          <span className="exchange-fine">{words.exchange.keepMineHelp}</span>
          <Button onClick={then(takeTheirs)}>{words.exchange.takeTheirs}</Button>
          <Button look="primary" onClick={then(keepMine)}>
            {words.exchange.keepMine}
          </Button>
        </>
      }
    >
      {differences.length === 0 && <p>{words.exchange.noDifference}</p>}
      <ul className="exchange-differences">
        {differences.map((one) => (
          <li key={one.kind + one.step}>
            <span className={`exchange-chip exchange-chip-${one.kind}`}>{KINDS[one.kind]}</span>
            <b>{one.step || words.exchange.theFlow}</b>
            <span className="mono">{one.fields.join(", ")}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
