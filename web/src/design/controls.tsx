// The plain controls that every room uses.

import { DropdownMenu, Dialog as RadixDialog, Tooltip as RadixTooltip } from "radix-ui";
import { X } from "lucide-react";
import { useState, type ComponentProps, type CSSProperties, type ReactElement, type ReactNode } from "react";

import { words } from "../words";

type Look = "plain" | "quiet" | "primary" | "strong" | "danger";

interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  isSmall?: boolean;
}

export function Button({ look = "plain", isSmall, className = "", ...rest }: ButtonProps): ReactElement {
  const size = isSmall ? "button-small" : "";
  return <button type="button" className={`button button-${look} ${size} ${className}`} {...rest} />;
}

interface IconButtonProps extends ComponentProps<"button"> {
  /** What it does, for a tooltip and for screen readers. */
  label: string;
  /** The keys that do the same. */
  keys?: string;
}

export function IconButton({ label, keys, children, className = "", ...rest }: IconButtonProps): ReactElement {
  return (
    <Tooltip text={label} {...(keys === undefined ? {} : { keys })}>
      <button type="button" aria-label={label} className={`icon-button ${className}`} {...rest}>
        {children}
      </button>
    </Tooltip>
  );
}

export function Tooltip(props: { text: ReactNode; keys?: string; children: ReactNode }): ReactElement {
  return (
    <RadixTooltip.Root>
      <RadixTooltip.Trigger asChild>{props.children}</RadixTooltip.Trigger>
      <RadixTooltip.Portal>
        <RadixTooltip.Content className="tooltip" sideOffset={6}>
          {props.text}
          {props.keys !== undefined && <span className="menu-key">{props.keys}</span>}
        </RadixTooltip.Content>
      </RadixTooltip.Portal>
    </RadixTooltip.Root>
  );
}

interface DialogProps {
  title: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  /** Pixels. */
  width?: number;
  foot?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** Gives the focus back to what opened a dialog: a field with `autoFocus` has it before Radix looks who had it. */
export function useFocusBack(): (event: Event) => void {
  const [opener] = useState(() => document.activeElement);
  return (event) => {
    if (!(opener instanceof HTMLElement) || opener === document.body || !opener.isConnected) return;
    event.preventDefault();
    opener.focus();
  };
}

export function Dialog(props: DialogProps): ReactElement {
  return (
    <RadixDialog.Root open={props.isOpen} onOpenChange={(open) => !open && props.onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="dialog-scrim" />
        <DialogContent {...props} />
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

/** Is there only while the dialog is open. */
function DialogContent(props: DialogProps): ReactElement {
  const focusBack = useFocusBack();
  const style = { "--dialog-w": `${props.width ?? 560}px` } as CSSProperties;
  return (
    <RadixDialog.Content className={`dialog ${props.className ?? ""}`} style={style} aria-describedby={undefined} onCloseAutoFocus={focusBack}>
      <header className="dialog-head">
        <RadixDialog.Title className="dialog-title">{props.title}</RadixDialog.Title>
        <RadixDialog.Close className="icon-button" aria-label={words.app.close}>
          <X />
        </RadixDialog.Close>
      </header>
      <div className="dialog-body">{props.children}</div>
      {props.foot !== undefined && <footer className="dialog-foot">{props.foot}</footer>}
    </RadixDialog.Content>
  );
}

export function Menu(props: {
  trigger: ReactNode;
  align?: "start" | "end" | "center";
  children: ReactNode;
}): ReactElement {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{props.trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={props.align ?? "start"} sideOffset={4}>
          {props.children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  keys?: string;
  isDangerous?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, keys, isDangerous, children, ...rest }: MenuItemProps): ReactElement {
  return (
    <DropdownMenu.Item className={`menu-item ${isDangerous ? "menu-item-danger" : ""}`} {...rest}>
      {icon}
      {children}
      {keys !== undefined && <span className="menu-key">{keys}</span>}
    </DropdownMenu.Item>
  );
}

export const MenuLine = (): ReactElement => <DropdownMenu.Separator className="menu-line" />;
