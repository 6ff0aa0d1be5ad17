// What was spent in two weeks, and what many runs of the open flow would cost.

import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";

import { json, type Schemas } from "../api/client";
import { useComponent } from "../api/component";
import { groupColours } from "../design/ActionIcon";
import { money } from "../design/numbers";
import { words } from "../words";
import { CostBars } from "./CostBars";
import { DayChart } from "./DayChart";
import { ForecastCard } from "./ForecastCard";
import { daysUpTo, groupTotals, totalOf, type CostRow } from "./spend";

const DAYS = 14;
const VIEWS = ["day", "model", "flow", "forecast"] as const;
type View = (typeof VIEWS)[number];

export function Spend({ runs }: { runs: Schemas["RunItem"][] }): ReactElement {
  const [view, setView] = useState<View>("day");
  const days = daysUpTo(new Date(), DAYS);
  const by = view === "day" || view === "forecast" ? "day,action" : view;
  const ended = runs.filter((run) => run.ended != null).length;
  const { data } = useQuery({
    queryKey: ["costs", by, days[0], ended],
    queryFn: () => json<CostRow[]>(`/api/runs/costs?by=${by}&since=${days[0] ?? ""}`),
    placeholderData: (old) => (view === "day" ? old?.filter((row) => row.day !== undefined) : undefined),
  });
  const groupOf = useGroups();
  const rows = data ?? [];
  return (
    <div className="runs-spend">
      <div className="runs-spend-head">
        <div>
          <span className="runs-dim">{view === "forecast" ? words.runs.forecastTitle : words.runs.period(days[0] ?? "", days.at(-1) ?? "")}</span>
          {view !== "forecast" && <b className="mono runs-big">{money(totalOf(rows))}</b>}
        </div>
        <div className="runs-views" role="radiogroup" aria-label={words.runs.view}>
          {VIEWS.map((one) => (
            <button key={one} type="button" role="radio" aria-checked={one === view} onClick={() => setView(one)}>
              {words.runs.views[one]}
            </button>
          ))}
        </div>
      </div>
      {view === "day" && (
        <>
          <ul className="runs-legend">
            {groupTotals(rows, groupOf).map(({ group, cost }) => (
              <li key={group}>
                <i style={groupColours(group)} aria-hidden />
                {group || words.runs.otherGroup} <span className="mono">{money(cost)}</span>
              </li>
            ))}
          </ul>
          <DayChart rows={rows} days={days} groupOf={groupOf} />
        </>
      )}
      {view === "model" && <CostBars rows={rows.map((row) => ({ name: row.model ?? words.runs.unknownModel, ...row }))} heading={words.runs.views.model} />}
      {view === "flow" && <CostBars rows={rows.map((row) => ({ name: row.flow ?? words.app.untitled, ...row }))} heading={words.runs.views.flow} />}
      {view === "forecast" && <ForecastCard runs={runs} />}
    </div>
  );
}

function useGroups(): (action: string) => string {
  const { data: component } = useComponent();
  const groups = new Map(component?.actions.map((action) => [action.name, action.group]));
  return (action) => groups.get(action) ?? "";
}
