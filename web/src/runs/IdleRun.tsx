import { useQuery } from "@tanstack/react-query";
import { ChevronDown, FlaskConical, Play, SlidersHorizontal } from "lucide-react";
import type { ReactElement } from "react";

import { inUse, useConnection } from "../api/connection";
import { connectionsQuery } from "../api/queries";
import { useView } from "../app/view";
import { Button, IconButton, Menu, MenuItem } from "../design/controls";
import { byStep, useFlowCheck } from "../flow/check";
import { isMarked, leave, useLeft } from "../flow/left";
import { useFlow } from "../flow/store";
import { stepsOf } from "../flow/tree";
import { words } from "../words";
import type { RunDialogName } from "./dialogs";
import { Estimate } from "./Estimate";

interface Props {
  onRun: () => void;
  onDialog: (dialog: RunDialogName) => void;
}

export function IdleRun({ onRun, onDialog }: Props): ReactElement {
  const flow = useFlow((state) => state.flow);
  const check = useFlowCheck();
  const isEmpty = flow.tasks.length === 0;
  const problems = check?.problems ?? [];
  const found = check ? byStep(check.flow, check.problems) : {};
  const first = Object.keys(found).find((name) => name !== "");
  const places = useLeft((left) => left.places);
  const isMarkedOne = Object.entries(found).some(([name, all]) => all.some((one) => isMarked(one, name, places)));
  const connections = useQuery(connectionsQuery).data ?? [];
  const chosen = useConnection((state) => state.name);
  const isSandbox = inUse(connections, chosen)?.name === "sandbox";
  const isUnknownHere = isSandbox && problems.some(({ message }) => message.startsWith("there is no model"));
  return (
    <>
      <span className="runbar-run">
        <Button look="strong" disabled={isEmpty} onClick={onRun}>
          <Play className="runbar-play" /> {words.runs.run}
        </Button>
        <Menu
          trigger={
            <IconButton label={words.runs.runOptions} disabled={isEmpty}>
              <ChevronDown />
            </IconButton>
          }
        >
          <MenuItem icon={<SlidersHorizontal />} keys="Ctrl ⇧ ↵" onSelect={() => onDialog("run")}>
            {words.runs.runOptions}
          </MenuItem>
          <MenuItem icon={<FlaskConical />} onSelect={() => onDialog("rehearse")}>
            {words.runs.rehearse}
          </MenuItem>
        </Menu>
      </span>
      <span className="runbar-text">
        <span>{isEmpty ? words.runs.noSteps : words.runs.steps(stepsOf(flow).length)}</span>
        {problems.length > 0 && <span className={isMarkedOne ? "runbar-failed" : ""}>{words.runs.problems(problems.length)}</span>}
        {isUnknownHere && (
          <>
            {words.runs.rehearseInstead}
            <Button isSmall onClick={() => onDialog("rehearse")}>
              {words.runs.rehearse}
            </Button>
          </>
        )}
        {first !== undefined && (
          <Button isSmall look="quiet" onClick={() => show(first)}>
            {words.runs.showProblem}
          </Button>
        )}
      </span>
      {check && problems.length === 0 && <Estimate estimate={check.estimate} />}
    </>
  );
}

function show(step: string): void {
  leave(step);
  useFlow.getState().select([step]);
  useView.getState().setInspector({ isInspectorOpen: true });
}
