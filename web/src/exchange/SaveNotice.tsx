// Why a flow cannot be edited or saved now, with what to do: one line, the most urgent only.

import { useQuery } from "@tanstack/react-query";
import { CircleAlert, History, X } from "lucide-react";
import { useState, type ReactElement, type ReactNode } from "react";

import { send } from "../api/client";
import { useLogin } from "../api/login";
import { faultsQuery } from "../api/queries";
import { askServer, useServer } from "../api/server";
import { useView } from "../app/view";
import { Button, IconButton } from "../design/controls";
import { stepAt } from "../flow/check";
import { useFlow, type ShownRun } from "../flow/store";
import { withoutFaults } from "../runs/rehearsal";
import { useNow } from "../runs/useNow";
import { words } from "../words";
import { ConflictDialog } from "./ConflictDialog";
import { download } from "./download";
import "./exchange.css";
import { adoptRunFlow, leaveRunFlow } from "./opening";
import { keepMine, saveNow, takeTheirs, useSavingState } from "./saving";

export function SaveNotice(): ReactElement | null {
  const saved = useFlow((state) => state.saved);
  const { refused, isStorageFull, theirs } = useSavingState();
  const isLoggedIn = useLogin((state) => state.isLoggedIn);
  const isGone = useServer((state) => state.isGone);
  const shownRun = useFlow((state) => state.shownRun);
  const isCanvas = useView((view) => view.tab === "canvas");
  if (!isLoggedIn) return <LoggedOut />;
  if (isGone || (isCanvas && saved === "offline")) return <Gone isSaved={saved === "saved"} />;
  if (!isCanvas) return null;
  if (shownRun) return <PastRun run={shownRun} />;
  if (saved === "conflict" && theirs) return <Conflict />;
  if (refused && !refused.isRead) return <Refused message={refused.message} place={refused.place} />;
  if (isStorageFull) return <StorageFull />;
  return null;
}

function Notice({ text, children }: { text: ReactNode; children?: ReactNode }): ReactElement {
  return (
    <div className="exchange-notice" role="alert">
      <CircleAlert aria-hidden />
      <span>{text}</span>
      {children}
    </div>
  );
}

function LoggedOut(): ReactElement {
  return (
    <Notice text={words.app.loggedOut}>
      <Button isSmall onClick={() => void logIn()}>
        {words.app.retry}
      </Button>
    </Notice>
  );
}

/** Ask again, and load all anew that could not be loaded meanwhile. */
async function logIn(): Promise<void> {
  await send("/api/connections");
  await saveNow();
  if (useFlow.getState().saved === "saved") location.reload();
}

function Gone({ isSaved }: { isSaved: boolean }): ReactElement {
  const asksAt = useServer((state) => state.retriesAt);
  const savesAt = useSavingState((state) => state.retriesAt);
  const isStorageFull = useSavingState((state) => state.isStorageFull);
  const now = useNow(true, 500);
  const next = Math.min(asksAt ?? Number.POSITIVE_INFINITY, savesAt ?? Number.POSITIVE_INFINITY);
  const seconds = Number.isFinite(next) ? Math.max(0, Math.ceil((next - now) / 1000)) : 0;
  const told = isSaved ? words.exchange.gone : isStorageFull ? words.exchange.goneAndFull : words.app.serverGone;
  const retry = async (): Promise<void> => {
    await askServer();
    await saveNow();
  };
  return (
    <div className="exchange-notice">
      <CircleAlert aria-hidden />
      {/* The seconds are left out of what is read aloud. */}
      <span className="sr-only" role="alert">
        {told}
      </span>
      <span aria-hidden>
        {told} {words.exchange.retrying(seconds)}
      </span>
      {isStorageFull && !isSaved && <DownloadFlow />}
      <Button isSmall onClick={() => void retry()}>
        {words.app.retry}
      </Button>
    </div>
  );
}

function Refused({ message, place }: { message: string; place: string | null }): ReactElement {
  const step = useFlow((state) => (place === null ? "" : stepAt(state.flow, place)[0]));
  const showTab = useView((view) => view.show);
  return (
    <Notice
      text={
        <>
          <b>{words.exchange.notSaved}</b> {message}
        </>
      }
    >
      {step !== "" && (
        <Button
          isSmall
          onClick={() => {
            showTab("canvas");
            useFlow.getState().select([step]);
          }}
        >
          {words.exchange.showStep}
        </Button>
      )}
      <IconButton label={words.app.close} onClick={() => useSavingState.setState(({ refused }) => ({ refused: refused && { ...refused, isRead: true } }))}>
        <X />
      </IconButton>
    </Notice>
  );
}

function StorageFull(): ReactElement {
  return (
    <Notice text={words.exchange.storageFull}>
      <DownloadFlow />
    </Notice>
  );
}

const DownloadFlow = (): ReactElement => (
  <Button isSmall onClick={() => download(useFlow.getState().flow)}>
    {words.exchange.downloadFlow}
  </Button>
);

function PastRun({ run }: { run: ShownRun }): ReactElement {
  const { data: faults } = useQuery({ ...faultsQuery, enabled: run.isRehearsal });
  const adopt = (): void => {
    const { flow } = useFlow.getState();
    void adoptRunFlow(run.isRehearsal ? withoutFaults(flow, (faults ?? []).map((one) => one.name)) : flow, run);
  };
  return (
    <div className="exchange-notice exchange-past" role="status">
      <History aria-hidden />
      <span>{words.exchange.runShown}</span>
      <Button isSmall look="quiet" onClick={leaveRunFlow}>
        {words.exchange.backToFlow}
      </Button>
      <Button isSmall disabled={run.isRehearsal && !faults} onClick={adopt}>
        {words.exchange.makeThisTheFlow}
      </Button>
    </div>
  );
}

function Conflict(): ReactElement | null {
  const theirs = useSavingState((state) => state.theirs);
  const [isComparing, setIsComparing] = useState(false);
  if (!theirs) return null;
  const at = new Date(theirs.saved).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return (
    <>
      <Notice text={words.exchange.changedElsewhere(at)}>
        <Button isSmall onClick={() => setIsComparing(true)}>
          {words.exchange.compare}
        </Button>
        <Button isSmall onClick={keepMine}>
          {words.exchange.keepMine}
        </Button>
        <Button isSmall onClick={takeTheirs}>
          {words.exchange.takeTheirs}
        </Button>
      </Notice>
      {isComparing && <ConflictDialog theirs={theirs.flow} onClose={() => setIsComparing(false)} />}
    </>
  );
}
