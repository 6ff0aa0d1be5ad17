// What stands in the way of saving, with the way out: one line under the top bar.

import { useQuery } from "@tanstack/react-query";
import { CircleAlert, History } from "lucide-react";
import { useEffect, useState, type ReactElement, type ReactNode } from "react";

import { send } from "../api/client";
import { useLogin } from "../api/login";
import { faultsQuery } from "../api/queries";
import { useView } from "../app/view";
import { Button } from "../design/controls";
import { stepAt } from "../flow/check";
import { useFlow, type ShownRun } from "../flow/store";
import { withoutFaults } from "../runs/rehearsal";
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
  const shownRun = useFlow((state) => state.shownRun);
  if (!isLoggedIn) return <LoggedOut />;
  if (shownRun) return <PastRun run={shownRun} />;
  if (saved === "conflict" && theirs) return <Conflict />;
  if (refused) return <Refused message={refused.message} place={refused.place} />;
  if (isStorageFull) return <StorageFull />;
  if (saved === "offline") return <Offline />;
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

function Offline(): ReactElement {
  const retriesAt = useSavingState((state) => state.retriesAt);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const seconds = retriesAt === null ? 0 : Math.max(0, Math.ceil((retriesAt - now) / 1000));
  return (
    <div className="exchange-notice">
      <CircleAlert aria-hidden />
      {/* The seconds are left out of what is read aloud. */}
      <span className="sr-only" role="alert">
        {words.app.serverGone}
      </span>
      <span aria-hidden>{seconds > 0 ? words.exchange.offline(seconds) : words.exchange.offlineNow}</span>
      <Button isSmall onClick={() => void saveNow()}>
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
    </Notice>
  );
}

function StorageFull(): ReactElement {
  return (
    <Notice text={words.exchange.storageFull}>
      <Button isSmall onClick={() => download(useFlow.getState().flow)}>
        {words.exchange.downloadFlow}
      </Button>
    </Notice>
  );
}

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
