// The sunken part of a node: the prompt before a run, the result after it. Its height never changes.

import { memo, type CSSProperties, type ReactElement } from "react";

import { ResultPreview } from "../results/ResultPreview";
import { adviceOf } from "../runs/advice";
import type { StepError } from "../runs/state";
import { words } from "../words";
import type { GraphNode } from "./graph";
import { isFolded } from "./graph";
import { PillText } from "./PillText";
import { mainText } from "./shown";
import { wellHeight } from "./sizes";
import { useStepRun, type NodeStatus } from "./status";

interface Props {
  node: GraphNode;
  status: NodeStatus;
}

export const Well = memo(function Well({ node, status }: Props): ReactElement | null {
  const run = useStepRun(node);
  const { task, action, preview } = node;
  if (!task || preview === "none" || isFolded(task)) return null;
  const style: CSSProperties = { height: wellHeight(preview) };
  if ((status === "failed" || status === "doubt") && run?.error)
    return (
      <div className={`canvas-well canvas-well-${status}`} style={style}>
        <p>{reasonOf(run.error)}</p>
      </div>
    );
  if (run && preview !== "expression" && (run.text || run.preview || run.output !== undefined))
    return (
      <div className={`canvas-well canvas-well-result canvas-well-${preview}`} style={style}>
        <ResultPreview run={run} size="node" />
      </div>
    );
  const text = mainText(task, action);
  const label = action?.properties.find((one) => one.name === action.main)?.label ?? "";
  return (
    <div className={`canvas-well canvas-well-${preview === "expression" ? "expression" : "words"}`} style={style}>
      {text ? (
        <p className={text.startsWith("=") ? "mono" : ""}>
          <PillText text={text} />
        </p>
      ) : (
        <p className="canvas-well-empty">{label && words.canvas.emptyPrompt(label)}</p>
      )}
    </div>
  );
});

function reasonOf(error: StepError): string {
  const { title, detail, billing } = adviceOf(error);
  return detail || `${title}. ${billing}`;
}
