// What a selected edge is taken away by.

import { disconnected, outputDisconnected } from "../flow/edits";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { useScene } from "./scene";

/** Take away the selected edges, or one by its id: their pills leave the steps that read. */
export function disconnectEdge(id?: string): boolean {
  const edges = useScene.getState().edges.filter((edge) => (id === undefined ? edge.selected === true : edge.id === id));
  const pairs = edges.flatMap((edge) => edge.data?.edge.pairs ?? []);
  if (pairs.length === 0) return false;
  useFlow.getState().edit(words.canvas.edits.disconnect, (flow) =>
    pairs.reduce((one, { reader, name }) => (reader.startsWith("output:") ? outputDisconnected : disconnected)(one, reader, name), flow),
  );
  return true;
}
