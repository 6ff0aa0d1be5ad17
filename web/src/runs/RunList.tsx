import { useVirtualizer } from "@tanstack/react-virtual";
import { Search } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type ReactElement } from "react";

import type { Schemas } from "../api/client";
import { Glyph } from "../design/Glyph";
import { dateTime, duration, money } from "../design/numbers";
import { words } from "../words";
import { markOf } from "./progress";
import { glyphOf } from "./state";
import { useNow } from "./useNow";

interface Props {
  runs: Schemas["RunItem"][] | undefined;
  isError: boolean;
  selected: string | null;
  onSelect: (id: string) => void;
}

const ROW = 44;

export function RunList({ runs, isError, selected, onSelect }: Props): ReactElement {
  const [search, setSearch] = useState("");
  const [status, setStatus] = useState("");
  const [flow, setFlow] = useState("");
  const labels = [...new Set((runs ?? []).map((run) => run.label))].sort();
  const text = search.trim().toLowerCase();
  const found = (runs ?? []).filter(
    (run) => (!status || run.status === status) && (!flow || run.label === flow) && (run.label.toLowerCase().includes(text) || run.id.includes(text)),
  );
  return (
    <>
      <div className="runs-filters">
        <label className="runs-search">
          <Search aria-hidden />
          <input value={search} placeholder={words.runs.search} aria-label={words.runs.search} onChange={(event) => setSearch(event.target.value)} />
        </label>
        <select className="runs-filter" aria-label={words.runs.state} value={status} onChange={(event) => setStatus(event.target.value)}>
          <option value="">{words.runs.allStates}</option>
          {Object.entries(words.runs.status).map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
        <select className="runs-filter" aria-label={words.runs.flow} value={flow} onChange={(event) => setFlow(event.target.value)}>
          <option value="">{words.runs.allFlows}</option>
          {labels.map((label) => (
            <option key={label}>{label}</option>
          ))}
        </select>
      </div>
      {isError && <p className="runs-empty">{words.app.serverGone}</p>}
      {runs && found.length === 0 && <p className="runs-empty">{runs.length === 0 ? words.runs.noRuns : words.runs.noRunFound}</p>}
      {found.length > 0 && <Rows runs={found} selected={selected} onSelect={onSelect} />}
    </>
  );
}

function Rows({ runs, selected, onSelect }: { runs: Schemas["RunItem"][]; selected: string | null; onSelect: (id: string) => void }): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const now = useNow(runs.some((run) => run.status === "running"), 1000);
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are not memoised by others
  const virtual = useVirtualizer({ count: runs.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 8 });
  const move = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const at = Math.min(runs.length - 1, Math.max(0, runs.findIndex((run) => run.id === selected) + by));
    virtual.scrollToIndex(at);
    if (runs[at]) onSelect(runs[at].id);
  };
  return (
    <>
      <div className="runs-row runs-head" aria-hidden>
        <span />
        <span>{words.runs.flow}</span>
        <span>{words.runs.runId}</span>
        <span>{words.runs.started}</span>
        <span className="runs-number">{words.runs.time}</span>
        <span className="runs-number">{words.runs.cost}</span>
      </div>
      <div className="runs-list" ref={scroller} role="listbox" tabIndex={0} aria-label={words.app.runs} aria-activedescendant={selected === null ? undefined : `run-${selected}`} onKeyDown={move}>
        <div className="runs-all" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const run = runs[item.index];
            if (!run) return null;
            const { status } = run;
            const end = run.ended ?? (status === "running" ? now / 1000 : run.created);
            return (
              <div key={run.id} id={`run-${run.id}`} role="option" aria-selected={run.id === selected} className="runs-row" style={{ transform: `translateY(${item.start}px)` }} onClick={() => onSelect(run.id)}>
                <Glyph status={glyphOf(status)} />
                <span className="runs-name">
                  <b>{run.label || words.app.untitled}</b>
                  <span>
                    {words.runs.status[status]}
                    {markOf(run.server) && ` · ${markOf(run.server)}`}
                  </span>
                </span>
                <span className="mono runs-dim">{run.id.slice(0, 6)}</span>
                <span className="runs-when">{dateTime(run.created * 1000)}</span>
                <span className="mono runs-number">{duration((end - run.created) * 1000)}</span>
                <span className="mono runs-number">{run.server === "rehearsal" ? words.runs.rehearsalCost : money(run.cost)}</span>
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}
