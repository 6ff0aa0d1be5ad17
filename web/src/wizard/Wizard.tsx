// The wizard is a part of the page of connections; opening it from anywhere shows that page.

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { useConnection } from "../api/connection";
import { connectionsQuery } from "../api/queries";
import { useConnectionChange } from "../api/useConnectionChange";
import { useView } from "../app/view";

export function Wizard(): null {
  const dialog = useView((view) => view.dialog);
  const tab = useView((view) => view.tab);
  const { data: connections } = useQuery(connectionsQuery);
  const chosen = useConnection((state) => state.name);
  const hasNone = connections?.length === 0;
  const isChosenGone = connections !== undefined && chosen !== null && !connections.some((one) => one.name === chosen);
  useEffect(() => {
    if (isChosenGone) useConnection.getState().use(null);
  }, [isChosenGone]);
  useConnectionChange();
  useEffect(() => {
    if (hasNone) useView.getState().openDialog("wizard");
  }, [hasNone]);
  useEffect(() => {
    if (dialog === "wizard" && tab !== "connections") useView.getState().show("connections");
    // Only when it is opened: leaving the page by a tab closes it.
  }, [dialog]); // eslint-disable-line react-hooks/exhaustive-deps -- see above
  return null;
}
