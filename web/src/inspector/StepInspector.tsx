// A step: its form, what it returned, and how it went before.

import { TriangleAlert } from "lucide-react";
import { Tabs } from "radix-ui";
import { Suspense, useRef, useState, type ReactElement } from "react";

import { later } from "../app/later";
import { isMarked, leave, useLeft } from "../flow/left";
import { words } from "../words";
import { HistoryTab } from "./HistoryTab";
import { OutputTab } from "./OutputTab";
import { Setup } from "./Setup";
import { focusField } from "./showField";
import { StepFailure } from "./StepFailure";
import { StepFoot } from "./StepFoot";
import { StepHead } from "./StepHead";
import { useStep } from "./useStep";

const CompareDialog = later(async () => (await import("./CompareDialog")).CompareDialog);

type Tab = "setup" | "output" | "history";

export function StepInspector({ name, isWide }: { name: string; isWide: boolean }): ReactElement | null {
  const found = useStep(name);
  const [tab, setTab] = useState<Tab>("setup");
  const [isComparing, setIsComparing] = useState(false);
  const body = useRef<HTMLDivElement>(null);
  const places = useLeft((left) => left.places);
  if (!found) return null;
  const shown = isWide && tab === "output" ? "setup" : tab;
  const tabs: Tab[] = isWide ? ["setup", "history"] : ["setup", "output", "history"];
  const toProblem = (): void => {
    setTab("setup");
    leave(name);
    requestAnimationFrame(() => showProblem(body.current));
  };
  const toModels = (): void => {
    setTab("setup");
    requestAnimationFrame(() => openModels(body.current));
  };
  return (
    <>
      <div className="inspector-column">
        <StepHead found={found} onCompare={() => setIsComparing(true)} />
        <Tabs.Root className="inspector-tabs-root" value={shown} onValueChange={(next) => setTab(next as Tab)}>
          <div className="inspector-tabs">
            <Tabs.List className="inspector-tablist" aria-label={words.inspector.title}>
              {tabs.map((one) => (
                <Tabs.Trigger key={one} value={one} className="inspector-tab">
                  {words.inspector[one]}
                </Tabs.Trigger>
              ))}
            </Tabs.List>
            {found.problems.length > 0 && (
              <button type="button" className={`inspector-problems ${found.problems.some((one) => isMarked(one, name, places)) ? "" : "inspector-problems-quiet"}`} onClick={toProblem}>
                <TriangleAlert aria-hidden /> {words.form.problems(found.problems.length)}
              </button>
            )}
          </div>
          <Tabs.Content value="setup" className="inspector-body" ref={body} tabIndex={-1}>
            <StepFailure found={found} onModels={toModels} />
            <Setup found={found} />
          </Tabs.Content>
          <Tabs.Content value="output" className="inspector-panel" tabIndex={-1}>
            <OutputTab found={found} failure={<StepFailure found={found} onModels={toModels} onForm={() => setTab("setup")} />} />
          </Tabs.Content>
          <Tabs.Content value="history" className="inspector-body" tabIndex={-1}>
            <HistoryTab name={name} />
          </Tabs.Content>
        </Tabs.Root>
        <StepFoot found={found} />
      </div>
      {isWide && (
        <div className="inspector-output">
          <OutputTab found={found} />
        </div>
      )}
      {isComparing && (
        <Suspense>
          <CompareDialog found={found} onClose={() => setIsComparing(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Scroll to the first problem; one that is folded away opens its fold. */
function showProblem(body: HTMLElement | null): void {
  if (!body?.querySelector(".field-problem")) body?.querySelector<HTMLElement>('.fold-head[aria-expanded="false"]:has(.fold-wrong)')?.click();
  requestAnimationFrame(() => {
    focusField(body?.querySelector(".field-problem")?.closest<HTMLElement>("[data-path]"));
  });
}

const openModels = (body: HTMLElement | null): void => body?.querySelector<HTMLElement>(".model-control")?.click();
