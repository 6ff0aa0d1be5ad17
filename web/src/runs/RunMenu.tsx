import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Play, RotateCcw, Square, Trash2 } from "lucide-react";
import { useState, type ReactElement } from "react";

import { json, send, type Schemas } from "../api/client";
import { useView } from "../app/view";
import { Button, Dialog, IconButton, Menu, MenuItem, MenuLine } from "../design/controls";
import { words } from "../words";

interface Props {
  details: Schemas["RunDetails"];
  onChanged: () => void;
  onShow: (id: string) => void;
  onDeleted: () => void;
}

export function RunMenu({ details, onChanged, onShow, onDeleted }: Props): ReactElement {
  const [isAsking, setIsAsking] = useState(false);
  const queries = useQueryClient();
  const path = `/api/runs/${encodeURIComponent(details.id)}`;
  const isRunning = details.status === "running" || details.status === "queued";
  const act = useMutation({
    mutationFn: (call: () => Promise<unknown>) => call(),
    onSuccess: () => {
      onChanged();
      void queries.invalidateQueries({ queryKey: ["runs"] });
    },
    onError: (error) => useView.getState().say(error.message || words.app.serverGone),
  });
  const first = details.steps.find((step) => !step.place.includes("."))?.step;
  return (
    <>
      <Menu
        align="end"
        trigger={
          <IconButton label={words.runs.more}>
            <Ellipsis />
          </IconButton>
        }
      >
        {isRunning && (
          <MenuItem icon={<Square />} onSelect={() => act.mutate(() => send(`${path}/cancel`, { method: "POST" }))}>
            {words.runs.cancelRun}
          </MenuItem>
        )}
        {!isRunning && details.status !== "succeeded" && details.status !== "in doubt" && (
          <MenuItem icon={<Play />} onSelect={() => act.mutate(() => send(`${path}/resume`, { body: {} }))}>
            {words.runs.resume}
          </MenuItem>
        )}
        {first !== undefined && (
          <MenuItem
            icon={<RotateCcw />}
            onSelect={() => act.mutate(async () => onShow((await json<Schemas["StartedRun"]>(`${path}/rerun`, { body: { from: first } })).id))}
          >
            {words.runs.runAllAgain}
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon={<Trash2 />} isDangerous disabled={isRunning} onSelect={() => setIsAsking(true)}>
          {words.runs.deleteRun}
        </MenuItem>
      </Menu>
      {isAsking && (
        <Dialog
          title={words.runs.deleteRun.replace("…", "")}
          isOpen
          onClose={() => setIsAsking(false)}
          width={440}
          foot={
            <>
              <span className="runs-fill" />
              <Button look="quiet" onClick={() => setIsAsking(false)}>
                {words.app.cancel}
              </Button>
              <Button
                look="danger"
                onClick={() =>
                  act.mutate(async () => {
                    await send(path, { method: "DELETE" });
                    onDeleted();
                  })
                }
              >
                {words.exchange.delete}
              </Button>
            </>
          }
        >
          <p>{words.runs.deleteQuestion}</p>
        </Dialog>
      )}
    </>
  );
}
