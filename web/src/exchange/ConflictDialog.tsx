import type { ReactElement } from "react";

import { actionFor, useComponent } from "../api/component";
import { Button, Dialog } from "../design/controls";
import { wordOf } from "../flow/containers";
import type { FlowDocument } from "../flow/document";
import { useFlow } from "../flow/store";
import { FLOW, SETTINGS } from "../inspector/settings";
import { WORD_FORMS } from "../inspector/wordForms";
import { words } from "../words";
import { differencesOf, type Difference, type FieldDifference, type Labels } from "./differences";
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
  const { data: component } = useComponent();
  const labels: Labels = {
    fieldsOf: (task) => actionFor(component, task)?.properties ?? WORD_FORMS[wordOf(task)] ?? [],
    settings: SETTINGS,
    flow: FLOW,
  };
  const differences = differencesOf(mine, theirs, labels);
  const then = (act: () => void) => () => {
    act();
    onClose();
  };
  return (
    <Dialog
      title={words.exchange.changedTitle}
      isOpen
      width={760}
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
            {one.fields.length > 0 && <Fields fields={one.fields} />}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Fields({ fields }: { fields: readonly FieldDifference[] }): ReactElement {
  const { compared } = words.exchange;
  return (
    <table className="exchange-compared">
      <thead>
        <tr>
          <th scope="col">{compared.field}</th>
          <th scope="col">{compared.mine}</th>
          <th scope="col">{compared.theirs}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ label, mine, theirs }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <Cell text={mine} />
            <Cell text={theirs} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const LONG = 300;

/** A long text scrolls, also by the keyboard. */
const Cell = ({ text }: { text: string }): ReactElement => (
  <td>
    <div {...(text.length > LONG ? { tabIndex: 0 } : {})}>{text}</div>
  </td>
);
