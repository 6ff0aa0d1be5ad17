// The dialogs that any room opens.

import type { ReactElement } from "react";

import { ExportDialog } from "../exchange/ExportDialog";
import { ImportDialog } from "../exchange/ImportDialog";
import { Wizard } from "../wizard/Wizard";

export function Dialogs(): ReactElement {
  return (
    <>
      <ImportDialog />
      <ExportDialog />
      <Wizard />
    </>
  );
}
