// A small dialog that asks for one thing: what it is about, the way back, and the button that does it.

import type { ReactElement, ReactNode } from "react";

import { words } from "../words";
import { Button, Dialog } from "./controls";

interface Props {
  title: string;
  /** The words of the way back. */
  back?: string;
  /** The button that does what is asked. */
  action: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

export function Question({ title, back = words.app.cancel, action, onClose, children }: Props): ReactElement {
  const foot = (
    <>
      <span className="dialog-fill" />
      <Button look="quiet" onClick={onClose}>
        {back}
      </Button>
      {action}
    </>
  );
  return (
    <Dialog title={title} isOpen onClose={onClose} width={440} foot={foot}>
      {children}
    </Dialog>
  );
}
