import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Ellipsis, FlaskConical, KeyRound, Pencil, Plug, RefreshCw, Trash2 } from "lucide-react";
import { useState, type ReactElement } from "react";

import { json, send, type Schemas } from "../api/client";
import { useConnection } from "../api/connection";
import { connectionsQuery } from "../api/queries";
import { useView } from "../app/view";
import { Button, IconButton, Menu, MenuItem, MenuLine } from "../design/controls";
import { Glyph } from "../design/Glyph";
import { money } from "../design/numbers";
import { sentence } from "../form/problems";
import { words } from "../words";
import { RemoveConnection, RenameConnection } from "./ConnectionDialogs";
import { Meter } from "./Meter";
import { remainingOf, usedPart, type KeyReport } from "./report";
import { useWizard } from "./store";
import { useKeyTest } from "./useKeyTest";

type Connection = Schemas["Connection"];

interface Props {
  connection: Connection;
  isUsed: boolean;
}

export function ConnectionCard({ connection, isUsed }: Props): ReactElement {
  const { name, problem } = connection;
  const isSandbox = connection.readOnly && name === "sandbox";
  const test = useKeyTest(name, !problem && !isSandbox);
  const report = test.data;
  const fault = problem ?? (report && !report.ok ? report.message : test.error ? test.error.message || words.app.serverGone : null);
  return (
    <article className={`connection ${fault ? "connection-failed" : ""}`}>
      <header>
        {isSandbox ? <FlaskConical className="connection-flask" aria-hidden /> : <Glyph status={fault ? "failed" : test.isFetching ? "running" : report?.ok ? "done" : "waiting"} />}
        <b>{isSandbox ? words.app.sandbox : name}</b>
        {isUsed && <span className="connection-tag connection-used">{words.wizard.inUse}</span>}
        {connection.default && <span className="connection-tag">{words.wizard.default}</span>}
        <span className="mono connection-key">{isSandbox ? words.wizard.noKey : (report?.label ?? "")}</span>
        <CardMenu connection={connection} onTest={() => void test.refetch()} />
      </header>
      <p className="connection-row">
        <span>{isSandbox ? words.wizard.onThisMachine : hostOf(connection.baseUrl)}</span>
        <span>{isSandbox ? words.wizard.noCost : report?.ok ? leftOf(report) : ""}</span>
      </p>
      {report?.ok && <Meter part={usedPart(report)} />}
      {connection.readOnly && <p className="connection-why">{isSandbox ? words.wizard.sandboxReadOnly : words.wizard.readOnly}</p>}
      {fault !== null && <Mend connection={connection} fault={fault} />}
    </article>
  );
}

function Mend({ connection, fault }: { connection: Connection; fault: string }): ReactElement {
  const again = (method: "consent" | "paste") => () => {
    useWizard.getState().begin(method, connection.name);
    useView.getState().openDialog("wizard");
  };
  return (
    <div className="connection-mend">
      <p>{sentence(fault)}</p>
      {!connection.readOnly && (
        <p>
          <Button isSmall look="strong" onClick={again("consent")}>
            {words.wizard.connectAgain}
          </Button>
          <Button isSmall onClick={again("paste")}>
            {words.wizard.pasteNew}
          </Button>
        </p>
      )}
    </div>
  );
}

function CardMenu({ connection, onTest }: { connection: Connection; onTest: () => void }): ReactElement {
  const { name, readOnly } = connection;
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<"rename" | "remove" | null>(null);
  const path = `/api/connections/${encodeURIComponent(name)}`;
  const refresh = (): void => void queries.invalidateQueries(connectionsQuery);
  const makeDefault = useMutation({
    mutationFn: () => json(path, { method: "PATCH", body: { default: true } }),
    onSuccess: refresh,
    onError: (error) => useView.getState().say(error.message || words.app.serverGone),
  });
  const removal = useMutation({ mutationFn: () => send(path, { method: "DELETE" }), onSuccess: refresh });
  return (
    <>
      <Menu
        align="end"
        trigger={
          <IconButton label={words.wizard.more(name)}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem icon={<RefreshCw />} onSelect={onTest}>
          {words.wizard.test}
        </MenuItem>
        <MenuItem icon={<Plug />} disabled={Boolean(connection.problem)} onSelect={() => useConnection.getState().use(connection.default ? null : name)}>
          {words.wizard.use}
        </MenuItem>
        <MenuItem icon={<Check />} disabled={readOnly || connection.default} onSelect={() => makeDefault.mutate()}>
          {words.wizard.makeDefault}
        </MenuItem>
        <MenuItem icon={<Pencil />} disabled={readOnly} onSelect={() => setDialog("rename")}>
          {words.exchange.rename}
        </MenuItem>
        <MenuItem
          icon={<KeyRound />}
          disabled={readOnly}
          onSelect={() => {
            useWizard.getState().begin("paste", name);
            useView.getState().openDialog("wizard");
          }}
        >
          {words.wizard.pasteNew}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 />} isDangerous disabled={readOnly} onSelect={() => setDialog("remove")}>
          {words.wizard.remove}
        </MenuItem>
      </Menu>
      {dialog === "rename" && <RenameConnection name={name} onClose={() => setDialog(null)} />}
      {dialog === "remove" && <RemoveConnection name={name} removal={removal} onClose={() => setDialog(null)} />}
    </>
  );
}

/** The server of a connection; without one it is OpenRouter itself. */
export function hostOf(baseUrl: string | null | undefined): string {
  if (!baseUrl) return words.wizard.openRouter;
  try {
    return new URL(baseUrl).host;
  } catch {
    return baseUrl;
  }
}

function leftOf(report: KeyReport): string {
  const left = remainingOf(report);
  if (left === null) return report.freeTier ? words.wizard.freeTier : words.wizard.noLimit;
  return typeof report.limit === "number" ? words.wizard.leftOf(money(left), money(report.limit)) : words.wizard.left(money(left));
}
