import type { ReactElement } from "react";

import { groupColours } from "../design/ActionIcon";
import { money } from "../design/numbers";
import { words } from "../words";
import { dayBars, ticks, type CostRow } from "./spend";

interface Props {
  rows: readonly CostRow[];
  days: readonly string[];
  groupOf: (action: string) => string;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [600, 130, 44, 18, 8];

/** Costs by day as stacked bars; the same as a table for those who do not see them. */
export function DayChart({ rows, days, groupOf }: Props): ReactElement {
  const bars = dayBars(rows, days, groupOf);
  const marks = ticks(Math.max(...bars.map((bar) => bar.total)));
  const top = marks.at(-1) || 1;
  const y = (cost: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - cost / top);
  const slot = (WIDTH - LEFT) / days.length;
  return (
    <>
      <svg className="runs-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
        {marks.map((mark) => (
          <g key={mark}>
            <line x1={LEFT} x2={WIDTH} y1={y(mark)} y2={y(mark)} />
            <text x={LEFT - 8} y={y(mark) + 3} textAnchor="end">
              {mark >= 0.01 || mark === 0 ? `$${mark.toFixed(2)}` : money(mark)}
            </text>
          </g>
        ))}
        {bars.map((bar, index) => (
          <g key={bar.day}>
            {bar.parts.map((part) => (
              <rect key={part.group} style={groupColours(part.group)} x={LEFT + index * slot + slot * 0.2} width={slot * 0.6} y={y(part.from + part.cost)} height={Math.max(1, y(part.from) - y(part.from + part.cost) - 1)} rx="2">
                <title>{`${bar.day}, ${part.group}: ${money(part.cost)}`}</title>
              </rect>
            ))}
            <text className={index === days.length - 1 ? "runs-today" : ""} x={LEFT + (index + 0.5) * slot} y={HEIGHT - 4} textAnchor="middle">
              {Number(bar.day.slice(8))}
            </text>
          </g>
        ))}
      </svg>
      <table className="sr-only">
        <caption>{words.runs.costByDay}</caption>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.day}>
              <th scope="row">{bar.day}</th>
              <td>{money(bar.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
