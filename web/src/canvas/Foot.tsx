// The last line of a node: its state in words, its time and its cost.

import { memo, useEffect, useState, type ReactElement } from "react";

import { duration, money } from "../design/numbers";
import type { StepProblem } from "../flow/check";
import { timeOf } from "../runs/progress";
import { useRun } from "../runs/store";
import { nameOf } from "../flow/tree";
import { words } from "../words";
import type { GraphNode } from "./graph";
import { useEstimate, useMarkedProblems, useProblems } from "./problems";
import { runningText } from "./shown";
import { otherChoice, placeIn, useStepRun, type NodeStatus } from "./status";

interface Props {
  node: GraphNode;
  status: NodeStatus;
}

export const Foot = memo(function Foot({ node, status }: Props): ReactElement {
  return (
    <footer className="canvas-node-foot">
      <StateWords node={node} status={status} />
      <span className="canvas-node-cost">
        <Cost node={node} status={status} />
      </span>
    </footer>
  );
});

function StateWords({ node, status }: Props): ReactElement {
  const step = useStepRun(node);
  const problems = useProblems(nameOf(node.id));
  const marked = useMarkedProblems(nameOf(node.id));
  const chosen = useRun((state) => (state.run && status === "skipped" ? otherChoice(state.run, node, state.shownItems) : undefined));
  const blocking = useRun((state) => {
    if (!state.run || status !== "waiting") return undefined;
    return node.reads.find((id) => !id.startsWith("input:") && state.run?.steps[placeIn({ ...node, id }, state.shownItems)]?.status !== "done");
  });
  const text = ((): string => {
    switch (status) {
      case "idle":
        return problems[0] ? (problems.length > 1 ? words.canvas.problems(problems.length) : sentence(node, problems[0])) : "";
      case "waiting":
        return blocking === undefined ? words.states.waiting : words.canvas.waitingFor(nameOf(blocking));
      case "running":
        return step ? runningText(step) : words.states.running;
      case "skipped":
        if (chosen === undefined) return words.states.skipped;
        return chosen.startsWith("case") && !chosen.includes("[") ? words.canvas.skippedBy(chosen === "caseTrue" ? "true" : "false") : words.canvas.skippedCase(chosen);
      default:
        return words.states[status];
    }
  })();
  return <span className={`canvas-words canvas-words-${status === "idle" && marked[0] ? "problem" : status}`}>{text}</span>;
}

/** `Model: is missing`: the label of the parameter, and what is wrong with it. */
function sentence(node: GraphNode, { path, message }: StepProblem): string {
  const name = /^[^.[]*/.exec(path)?.[0] ?? "";
  const label = node.action?.properties.find((one) => one.name === name)?.label ?? name;
  const said = message.replace(` (${label})`, "");
  return label === "" ? said : `${label}: ${said}`;
}

function Cost({ node, status }: Props): ReactElement | null {
  const step = useStepRun(node);
  const estimate = useEstimate(nameOf(node.id));
  if (!step || status === "waiting" || status === "skipped") {
    if (!estimate || status === "skipped" || (estimate.low === 0 && estimate.high === null)) return null;
    return <code>{estimate.high === null ? words.canvas.from(money(estimate.low)) : words.canvas.range(money(estimate.low), money(estimate.high))}</code>;
  }
  const time = timeOf(step);
  return (
    <>
      {status === "running" ? <Clock since={step.started} /> : time !== null && <em>{duration(time)}</em>}
      {(step.cost > 0 || (status !== "running" && status !== "doubt")) && <code>{money(step.cost)}</code>}
    </>
  );
}

const TICK_MS = 200;

function Clock({ since }: { since: number }): ReactElement {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <em>{duration(Math.max(0, now - since))}</em>;
}
