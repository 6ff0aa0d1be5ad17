// The actions of the definition by group, to drag onto the canvas; a rail with flyouts where there is little room.

import { ChevronDown, ChevronRight, GripVertical, Plus, Search } from "lucide-react";
import { Popover } from "radix-ui";
import { useState, type ReactElement } from "react";

import { useComponent } from "../api/component";
import { ActionIcon, groupColours } from "../design/ActionIcon";
import { IconButton, Tooltip } from "../design/controls";
import type { Kind } from "../flow/edits";
import { words } from "../words";
import { add, titleOf } from "./commands";
import { CHIPS, endDrag, fitOf, groupsOf, MORE_WORDS, startDrag, type Group } from "./palette";
import "./Palette.css";
import { useRoving } from "./roving";
import { useCanvas } from "./ui";

export function Palette(): ReactElement {
  const { data: component } = useComponent();
  const [text, setText] = useState("");
  const groups = component ? groupsOf(component) : [];
  const roving = useRoving<HTMLDivElement>();
  const chips = CHIPS.filter((word) => fitOf(word, text) > 0);
  const found = groups
    .map((group) => ({ ...group, actions: group.actions.filter((action) => fitOf(action, text) > 0) }))
    .filter((group) => group.actions.length > 0);
  return (
    <aside className="palette" aria-label={words.canvas.palette}>
      <label className="palette-search">
        <Search aria-hidden />
        <input value={text} placeholder={words.canvas.find} aria-label={words.canvas.find} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => addFirst(event, found, chips)} />
        <kbd>/</kbd>
      </label>
      <div className="palette-list" {...roving}>
        {chips.length > 0 && <h3>{words.canvas.flow}</h3>}
        <div className="palette-chips">{chips.map((word) => <Row key={word} kind={word} isChip />)}</div>
        {found.map((group) => (
          <PaletteGroup key={group.name} group={group} isOpen={!group.isFolded || text.trim() !== ""} />
        ))}
        {found.length === 0 && chips.length === 0 && <p className="palette-none">{words.canvas.noAction(text)}</p>}
      </div>
    </aside>
  );

  function addFirst(event: React.KeyboardEvent, actions: Group[], flowWords: readonly string[]): void {
    if (event.key === "Escape") setText("");
    if (event.key === "ArrowDown") roving.ref.current?.querySelector("button")?.focus();
    if (event.key !== "Enter" || !text.trim()) return;
    const all: Kind[] = [...flowWords, ...actions.flatMap((group) => group.actions)];
    const best = all.sort((a, b) => fitOf(b, text) - fitOf(a, text))[0];
    if (best !== undefined) add(best);
  }
}

function PaletteGroup({ group, isOpen }: { group: Group; isOpen: boolean }): ReactElement {
  const [isUnfolded, setUnfolded] = useState(false);
  const shown = isOpen || isUnfolded;
  return (
    <section>
      {group.isFolded ? (
        <button type="button" className="palette-fold" tabIndex={-1} aria-expanded={shown} onClick={() => setUnfolded(!isUnfolded)}>
          {shown ? <ChevronDown /> : <ChevronRight />}
          {group.name}
          <span>{group.actions.length}</span>
        </button>
      ) : (
        <h3>{group.name}</h3>
      )}
      {shown && group.actions.map((action) => <Row key={action.name} kind={action} />)}
    </section>
  );
}

function Row({ kind, isChip }: { kind: Kind; isChip?: boolean }): ReactElement {
  const about = typeof kind === "string" ? (words.canvas.flowHelp[kind] ?? "") : kind.description;
  return (
    <Tooltip text={about}>
      <button
        type="button"
        className={isChip ? "palette-chip" : "palette-row"}
        tabIndex={-1}
        draggable
        onDragStart={(event) => {
          event.dataTransfer.setData("text/plain", titleOf(kind));
          event.dataTransfer.effectAllowed = "copy";
          startDrag(kind);
        }}
        onDragEnd={() => {
          endDrag();
          useCanvas.setState({ drop: null, dropEdge: null });
        }}
        onDoubleClick={() => add(kind)}
        onKeyDown={(event) => event.key === "Enter" && add(kind)}
      >
        <ActionIcon of={kind} size="small" />
        <span>{titleOf(kind)}</span>
        {!isChip && <GripVertical className="palette-grip" aria-hidden />}
      </button>
    </Tooltip>
  );
}

function Flyout({ kinds }: { kinds: readonly Kind[] }): ReactElement {
  return <div {...useRoving<HTMLDivElement>()}>{kinds.map((kind) => <Row key={typeof kind === "string" ? kind : kind.name} kind={kind} />)}</div>;
}

export function Rail(): ReactElement {
  const { data: component } = useComponent();
  const open = useCanvas((canvas) => canvas.flyout);
  const roving = useRoving<HTMLElement>();
  const groups = component ? groupsOf(component) : [];
  const set = (flyout: string | null): void => useCanvas.setState({ flyout });
  return (
    <nav className="rail" aria-label={words.canvas.palette} {...roving}>
      <IconButton label={words.canvas.addAction} keys="/" onClick={() => useCanvas.setState({ menu: { mode: "add" } })}>
        <Plus />
      </IconButton>
      <i className="rail-line" />
      {[words.canvas.flow, ...groups.map((group) => group.name)].map((name) => {
        const group = groups.find((one) => one.name === name);
        const first = group?.actions[0];
        return (
          <Popover.Root key={name} open={open === name} onOpenChange={(isOpen) => set(isOpen ? name : null)}>
            <Popover.Trigger className="rail-button" aria-label={name} title={name} style={groupColours(group ? name : "flow")}>
              <ActionIcon of={first ?? "branch"} />
            </Popover.Trigger>
            <Popover.Portal>
              <Popover.Content className="rail-flyout" side="right" align="start" sideOffset={6} aria-label={name}>
                <h3>{name}</h3>
                <Flyout kinds={group ? group.actions : [...CHIPS, ...MORE_WORDS]} />
              </Popover.Content>
            </Popover.Portal>
          </Popover.Root>
        );
      })}
    </nav>
  );
}
