// How many lists of steps run side by side.

import { Plus, X } from "lucide-react";
import type { ReactElement } from "react";

import { Button, IconButton } from "../design/controls";
import { words } from "../words";
import type { WordProps } from "./WordForm";

export function Branches({ found, onChange }: WordProps): ReactElement {
  const listed = found.step.task.parameters?.branches;
  const branches = Array.isArray(listed) ? listed : [];
  return (
    <div className="field">
      <span className="field-label">{words.inspector.branches}</span>
      <div className="list">
        {branches.map((one, index) => (
          <div key={index} className="list-row case-row">
            <span className="branch-name">{words.inspector.branch(index + 1, Array.isArray(one) ? one.length : 0)}</span>
            <IconButton className="field-tool" label={words.form.removeItem(index + 1)} onClick={() => onChange(`branches[${index}]`, undefined)}>
              <X />
            </IconButton>
          </div>
        ))}
        <Button isSmall onClick={() => onChange("branches", [...branches, []])}>
          <Plus /> {words.inspector.addBranch}
        </Button>
      </div>
    </div>
  );
}
