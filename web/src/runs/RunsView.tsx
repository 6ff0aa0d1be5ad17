// All runs: what they cost, the list, and one of them in detail.

import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";

import { runsQuery } from "../api/queries";
import { words } from "../words";
import { RunDetail } from "./RunDetail";
import { RunList } from "./RunList";
import "./Runs.css";
import { Spend } from "./Spend";

const LIVE_MS = 2000;

export function RunsView(): ReactElement {
  const { data: runs, isError } = useQuery({
    ...runsQuery(),
    refetchOnMount: "always",
    refetchInterval: ({ state }) => (state.data?.some((run) => run.status === "running" || run.status === "queued") ? LIVE_MS : false),
  });
  const [selected, setSelected] = useState(idInAddress);
  const shown = selected ?? (matchMedia("(min-width: 900px)").matches ? (runs?.[0]?.id ?? null) : null);
  const select = (id: string | null): void => {
    history.replaceState(null, "", id === null ? "#/runs" : `#/runs/${id}`);
    setSelected(id);
  };
  return (
    <main className={`runs ${shown === null ? "" : "runs-with-detail"}`}>
      <section className="runs-left" aria-label={words.app.runs}>
        <Spend runs={runs ?? []} />
        <RunList runs={runs} isError={isError} selected={shown} onSelect={select} />
      </section>
      <section className="runs-right" aria-label={words.runs.detail}>
        {shown === null ? <p className="runs-empty">{words.runs.chooseRun}</p> : <RunDetail key={shown} id={shown} onClose={() => select(null)} onShow={select} />}
      </section>
    </main>
  );
}

function idInAddress(): string | null {
  return /^#\/?runs\/([\w-]+)/.exec(location.hash)?.[1] ?? null;
}
