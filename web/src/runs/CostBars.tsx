import type { CSSProperties, ReactElement } from "react";

import { money } from "../design/numbers";
import { words } from "../words";

interface Row {
  name: string;
  cost: number;
  steps: number;
}

const MOST = 6;

/** Costs by name, the highest first, each with a bar. */
export function CostBars({ rows, heading }: { rows: readonly Row[]; heading: string }): ReactElement {
  const sorted = [...rows].sort((a, b) => b.cost - a.cost);
  const highest = sorted[0]?.cost ?? 0;
  if (sorted.length === 0) return <p className="runs-empty">{words.runs.noCosts}</p>;
  return (
    <div className="runs-bars">
      <table>
        <thead className="sr-only">
          <tr>
            <th scope="col">{heading}</th>
            <th scope="col">{words.runs.steps(2)}</th>
            <th scope="col">{words.runs.cost}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={row.name}>
              <th scope="row" title={row.name}>
                <span className="runs-bar" style={{ "--part": `${highest > 0 ? (row.cost / highest) * 100 : 0}%` } as CSSProperties}>
                  {row.name}
                </span>
              </th>
              <td className="runs-dim">{words.runs.steps(row.steps)}</td>
              <td className="mono">{money(row.cost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > MOST && <span className="runs-dim">{words.runs.scroll}</span>}
    </div>
  );
}
