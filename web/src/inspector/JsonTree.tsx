// A value as a tree. Each field can be dragged into a form, or copied as the expression that reads it.

import { ChevronRight, Copy, GripVertical } from "lucide-react";
import { useState, type ReactElement } from "react";

import { useView } from "../app/view";
import { isObject, type Json } from "../flow/document";
import { expressionOf } from "../flow/expressions";
import { dragField } from "../form/drag";
import { entriesOf } from "../results/values";
import { words } from "../words";

interface Props {
  /** What the whole value is called in an expression. */
  name: string;
  value: Json;
  path?: (string | number)[];
}

const SHOWN = 100;
const OPEN_DEPTH = 2;

export function JsonTree({ name, value, path = [] }: Props): ReactElement {
  const [shown, setShown] = useState(SHOWN);
  const entries = entriesOf(value);
  if (typeof value !== "object" || value === null) return <Leaf name={name} path={path} value={value} label={name} />;
  return (
    <ul className="tree" role={path.length === 0 ? "tree" : "group"} aria-label={path.length === 0 ? name : undefined}>
      {entries.slice(0, shown).map(([key, one]) => (
        <Branch key={key} name={name} path={[...path, Array.isArray(value) ? Number(key) : key]} value={one ?? null} label={key} />
      ))}
      {entries.length > shown && (
        <li>
          <button type="button" className="field-link" onClick={() => setShown(shown + SHOWN)}>{words.form.more(entries.length - shown)}</button>
        </li>
      )}
    </ul>
  );
}

interface BranchProps {
  name: string;
  path: (string | number)[];
  value: Json;
  label: string;
}

function Branch({ name, path, value, label }: BranchProps): ReactElement {
  const [isOpen, setIsOpen] = useState(path.length <= OPEN_DEPTH);
  const isParent = typeof value === "object" && value !== null && entriesOf(value).length > 0;
  if (!isParent) return <li role="treeitem"><Leaf name={name} path={path} value={value} label={label} /></li>;
  return (
    <li role="treeitem" aria-expanded={isOpen}>
      <Row name={name} path={path}>
        <button type="button" className="tree-key tree-fold" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          <ChevronRight aria-hidden /> {label}
        </button>
        <span className="tree-kind">{Array.isArray(value) ? words.form.listOf(value.length) : kindOf(value)}</span>
      </Row>
      {isOpen && <JsonTree name={name} value={value} path={path} />}
    </li>
  );
}

function Leaf({ name, path, value, label }: BranchProps): ReactElement {
  return (
    <Row name={name} path={path}>
      <span className="tree-key">{label}</span>
      <span className={typeof value === "string" ? "tree-text" : "tree-value mono"}>{typeof value === "string" ? value : JSON.stringify(value)}</span>
    </Row>
  );
}

function Row({ name, path, children }: { name: string; path: (string | number)[]; children: ReactElement[] }): ReactElement {
  const say = useView((view) => view.say);
  const expression = expressionOf(name, path);
  const copy = (): void => {
    void navigator.clipboard.writeText(`\${${expression}}`).then(() => say(words.app.copied));
  };
  return (
    <div className="tree-row" draggable title={`\${${expression}}`} onDragStart={(event) => dragField(event, expression)}>
      {children}
      <button type="button" className="tree-copy" aria-label={words.inspector.copyField(expression)} onClick={copy}>
        <Copy />
      </button>
      <GripVertical className="tree-grip" aria-hidden />
    </div>
  );
}

const kindOf = (value: Json): string => (isObject(value) && typeof value.mimeType === "string" ? value.mimeType : words.form.object);
