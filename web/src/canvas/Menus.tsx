// What opens over the canvas by mouse or is seldom needed. The command menu is not here: who types after `/` does not wait.

import type { ReactElement } from "react";

import { ConnectFields } from "./ConnectFields";
import { ContextMenu } from "./ContextMenu";
import { Shortcuts } from "./Shortcuts";

export function Menus(): ReactElement {
  return (
    <>
      <ConnectFields />
      <ContextMenu />
      <Shortcuts />
    </>
  );
}
