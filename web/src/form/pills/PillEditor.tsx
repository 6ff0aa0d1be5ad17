// A text in which pills are chips. What it holds is plain text with `${…}`; the chips are only drawn.

import { Popover } from "radix-ui";
import { useId, type ReactElement } from "react";
import { createPortal } from "react-dom";

import { selectChip } from "./dom";
import { FieldList } from "./FieldList";
import { Pill } from "./Pill";
import { usePillEditor } from "./usePillEditor";
import "./pills.css";

interface Props {
  id: string;
  value: string;
  onChange: (text: string) => void;
  isMultiline?: boolean;
  placeholder?: string | undefined;
  labelledBy?: string;
  describedBy?: string;
  isInvalid?: boolean;
  disabled?: boolean;
  /** Whether the text is in the mono face, as expressions are. */
  isMono?: boolean;
  autoFocus?: boolean;
  onBlur?: () => void;
}

export function PillEditor(props: Props): ReactElement {
  const editing = usePillEditor(props);
  const { root, chips, caret, list } = editing;
  const listId = useId();
  return (
    <Popover.Root open={list.isOpen}>
      <div
        ref={root}
        id={props.id}
        className={`editor ${props.isMultiline ? "editor-lines" : "editor-line"} ${props.isMono ? "mono" : ""}`}
        contentEditable={props.disabled ? false : "plaintext-only"}
        suppressContentEditableWarning
        role="textbox"
        tabIndex={0}
        spellCheck={props.isMono ? false : undefined}
        aria-multiline={props.isMultiline ?? false}
        aria-labelledby={props.labelledBy}
        aria-describedby={props.describedBy}
        aria-invalid={props.isInvalid}
        aria-disabled={props.disabled}
        aria-autocomplete="list"
        aria-controls={list.isOpen ? listId : undefined}
        aria-activedescendant={list.isOpen && list.found.length > 0 ? `${listId}-${list.at}` : undefined}
        data-placeholder={props.placeholder}
        data-empty={props.value === "" ? "" : undefined}
        onInput={editing.changed}
        onKeyDown={editing.keyDown}
        onCopy={editing.clip}
        onCut={editing.clip}
        onPaste={editing.paste}
        onDoubleClick={(event) => {
          const chip = (event.target as Element).closest<HTMLElement>("[data-pill]");
          if (chip) editing.editChip(chip);
        }}
        onClick={(event) => {
          const chip = (event.target as Element).closest<HTMLElement>("[data-pill]");
          if (chip) selectChip(chip);
        }}
        onDrop={editing.drop}
        onBlur={() => {
          editing.leave();
          props.onBlur?.();
        }}
        onCompositionStart={() => editing.compose(true)}
        onCompositionEnd={() => editing.compose(false)}
      />
      {chips.map(({ element, expression }, index) => createPortal(<Pill expression={expression} />, element, `${index}`))}
      <Popover.Anchor virtualRef={{ current: { getBoundingClientRect: () => caret ?? new DOMRect() } }} />
      <Popover.Portal>
        <Popover.Content
          className="popover"
          align="start"
          sideOffset={6}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={editing.leave}
        >
          <FieldList id={listId} found={list.found} at={list.at} onChoose={editing.choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
