// Edges between steps: one is selected, and taken away.

import { disconnected, outputDisconnected } from "../flow/edits";
import { useFlow } from "../flow/store";
import { words } from "../words";
import { useScene } from "./scene";

/** Select the edge by which a step or an output reads another step or an input, and nothing else. */
export function selectEdge(source: string, target: string): void {
  useFlow.getState().select([]);
  useScene.setState(({ edges }) => ({
    edges: edges.map((edge) => ({ ...edge, selected: edge.target === target && [source, `input:${source}`].includes(edge.source) })),
  }));
}

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
