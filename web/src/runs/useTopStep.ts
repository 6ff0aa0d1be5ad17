import { useFlow } from "../flow/store";
import { find } from "../flow/tree";

/** The step at the top of the flow from which a run can begin again: the selected one, or the container around it. */
export function useTopStep(): { name: string; label: string } | null {
  const flow = useFlow((state) => state.flow);
  const selected = useFlow((state) => state.selected);
  const [name] = selected;
  const step = selected.size === 1 && name !== undefined ? find(flow, name) : undefined;
  const top = step && step.around[0] !== undefined ? find(flow, step.around[0]) : step;
  return top ? { name: top.task.name, label: top.task.label || top.task.name } : null;
}
