// The icon of an action from the definition, on the tile of its group; words of a flow have their own.

import { CircleAlert, Copy, GitBranch, GitFork, LogOut, Repeat, Rows3, Split, SquareStack, Variable } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import type { CSSProperties, ReactElement } from "react";

import type { Action } from "../api/component";

const WORDS: Record<string, LucideIcon> = {
  condition: Split,
  branch: GitBranch,
  each: Copy,
  map: Rows3,
  loop: Repeat,
  parallel: SquareStack,
  "fork-join": GitFork,
  "on-error": CircleAlert,
  var: Variable,
  terminate: LogOut,
  loopBreak: LogOut,
  "loop-break": LogOut,
};

interface Props {
  /** An action, or the word of a container. */
  of: Action | string;
  size?: "small" | "large";
}

export function ActionIcon({ of, size }: Props): ReactElement {
  const className = `action-icon ${size ? `action-icon-${size}` : ""}`;
  if (typeof of === "string") {
    const Icon = WORDS[of] ?? SquareStack;
    return (
      <span className={className} style={groupColours("flow")} aria-hidden>
        <Icon />
      </span>
    );
  }
  return (
    <span className={className} style={groupColours(of.group)} aria-hidden>
      <span className="action-icon-image" style={{ maskImage: `url("/api/icons/${encodeURIComponent(of.icon)}")` }} />
    </span>
  );
}

/** The colours of a group of actions, as the variables `--group-fg` and `--group-tint`. */
export function groupColours(group: string): CSSProperties {
  const key = group.toLowerCase().replaceAll(" ", "-");
  return {
    "--group-fg": `var(--${key}-fg, var(--flow-fg))`,
    "--group-tint": `var(--${key}-tint, var(--flow-tint))`,
  } as CSSProperties;
}
