"""The runs themselves: what was started, how it went, and what it cost."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa
from pydantic.alias_generators import to_camel

from ...definition.load import Definition
from ...errors import InputError, Problem
from ...runtime.endpoints import named_server
from ...suggest import did_you_mean
from ...values import Json, JsonObject
from ..formats.check import form_of
from ..formats.steps import Step
from . import database
from .file_index import index_files
from .group_writer import GroupWriter
from .insert_new import insert_all_new
from .live_events import Mark
from .record_batch import Record, RecordBatch

Summaries = list["RunSummary"]
Rows = list[JsonObject]
Names = list[str]

REHEARSAL = "rehearsal"
"""The server of runs in which the sandbox plays any model."""
SANDBOX = "sandbox"
"""The server of runs in the sandbox with its own models, whose prices nobody pays."""
Status = Literal["queued", "running", "succeeded", "failed", "in doubt", "cancelled"]

_runs, _costs, _requests = database.runs, database.costs, database.requests
_WAS_PAID = sa.case(
    (_costs.c.played.is_not(None), _costs.c.played == 0),
    # The row of an earlier program: its run says where it was, unless it was deleted.
    else_=~sa.exists().where(_runs.c.id == _costs.c.run, _runs.c.server == SANDBOX),
)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run behaves."""

    budget: float | None = None
    """USD that the run may cost; it stops there, and everything is kept."""
    day_budget: float | None = None
    """USD that all runs of a day may cost; a day of the time zone of the process."""
    on_doubt: Literal["stop", "retry"] = "stop"
    """What happens to a request that may have been served before a crash."""
    stream: bool = False
    """Whether answers are streamed, so that watchers see their text as it comes."""
    pinned: JsonObject = field(default_factory=dict)
    """Outputs of steps by name: these steps are not performed."""
    only: str | None = None
    """The name of the only step that is performed."""
    rows: JsonObject | None = None
    """The rows that its only step is performed for, as `RowsPlan.to_json` has them."""

    def to_json(self) -> JsonObject:
        """Return the options by their names."""
        return {name: getattr(self, name) for name in self.__slots__}

    def shown(self) -> JsonObject:
        """Return the options for people: of rows not where they are stored."""
        if self.rows is None:
            return self.to_json()
        names = ("count", "label", "concurrency", "models", "via")
        return self.to_json() | {"rows": {name: self.rows[name] for name in names}}


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run, as it was started."""

    id: str
    label: str
    created: float
    """Seconds since 1970."""
    status: Status
    server: str
    """The base URL of the server, or `sandbox`."""
    connection: str | None
    """The name of the stored connection, if the run uses one."""
    document: JsonObject
    inputs: JsonObject
    options: RunOptions
    flow_id: str | None = None
    flow_version: int | None = None
    ended: float | None = None
    outcome: JsonObject | None = None
    """`{outputs}`, or `{error, place}`; None while it runs."""
    keyless: bool = False
    """Whether each step names a server of its own, so that the run needs no connection."""
    definition: dict[str, str] = field(default_factory=dict)
    """The digest of each action that the flow calls, as it was when the run was started."""
    command: str | None = None
    """The digest of the command that sends rows, by which the same command finds its run again."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a list."""

    id: str
    label: str
    status: str
    created: float
    ended: float | None
    cost: float
    connection: str | None
    server: str
    flow_id: str | None
    """The stored flow to which the run belongs."""

    def to_json(self) -> JsonObject:
        """Return `{id, label, status, created, ended, cost, connection, server, flowId}`."""
        return {to_camel(name): getattr(self, name) for name in self.__slots__}


class RunRecords:
    """The tables of runs and of what they cost."""

    def __init__(self, writer: GroupWriter) -> None:
        self._writer = writer
        self._new_costs: RecordBatch[None] = RecordBatch(writer, _insert_costs)

    async def add(self, run: RunRecord) -> None:
        """Store a new run."""
        row = {
            "id": run.id, "label": run.label, "created": run.created, "status": run.status,
            "server": run.server, "connection": run.connection, "flow_id": run.flow_id,
            "flow_version": run.flow_version, "document": _json(run.document),
            "inputs": _json(run.inputs), "options": _json(run.options.to_json()),
            "keyless": int(run.keyless), "definition": _json(dict(run.definition)),
            "command": run.command,
        }  # fmt: skip

        def write(connection: sa.Connection) -> None:
            connection.execute(_runs.insert().values(row))
            texts = (row["document"], row["inputs"], row["options"])
            index_files(connection, [(run.id, str(text)) for text in texts])

        await self._writer.write(write)

    async def get(self, id: str) -> RunRecord:
        """Return a run, also by the beginning of its id. InputError for an unknown one."""

        def read(connection: sa.Connection) -> list[Any]:
            like = id.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            chosen = sa.select(_runs).where(_runs.c.id.like(like, escape="\\")).limit(2)
            return list(connection.execute(chosen))

        rows = await self._writer.write(read)
        exact = [row for row in rows if row.id == id]
        found = exact or rows
        if not id or not found:
            known = [run.id for run in await self.list(limit=50)]
            raise InputError(
                [Problem("run", f"there is no run {id!r:.80}{did_you_mean(id, known)}")]
            )
        if len(found) > 1:
            raise InputError([Problem("run", f"several runs begin with {id!r}; write more of it")])
        return _record(found[0])

    async def by_command(self, command: str) -> RunRecord | None:
        """Return the last run of a command that sends rows."""
        chosen = sa.select(_runs).where(_runs.c.command == command)
        chosen = chosen.order_by(_runs.c.created.desc()).limit(1)
        row = await self._writer.write(lambda connection: connection.execute(chosen).first())
        return _record(row) if row else None

    async def has_ended(self, id: str) -> bool:
        """Return whether a run has ended, or is deleted."""
        chosen = sa.select(_runs.c.ended).where(_runs.c.id == id)
        row = await self._writer.write(lambda connection: connection.execute(chosen).first())
        return row is None or row.ended is not None

    async def list(
        self,
        limit: int = 100,
        statuses: Collection[str] = (),
        id: str | None = None,
        *,
        flow: str | None = None,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
    ) -> Summaries:
        """Return the runs, or those of a stored flow, the newest first; only some, or not some."""

        def read(connection: sa.Connection) -> Summaries:
            spent = (
                sa.select(_costs.c.run, sa.func.sum(_costs.c.cost).label("cost"))
                .group_by(_costs.c.run)
                .subquery()
            )
            chosen = (
                sa.select(_runs, spent.c.cost)
                .join(spent, spent.c.run == _runs.c.id, isouter=True)
                .order_by(_runs.c.created.desc())
                .limit(limit)
            )
            if id:
                chosen = chosen.where(_runs.c.id == id)
            if flow is not None:
                chosen = chosen.where(_runs.c.flow_id == flow)
            if statuses:
                chosen = chosen.where(_runs.c.status.in_(statuses))
            if only is not None:
                chosen = chosen.where(_runs.c.id.in_(only))
            if without:
                chosen = chosen.where(_runs.c.id.not_in(without))
            return [
                RunSummary(
                    row.id, row.label, row.status, row.created, _ended(row), row.cost or 0.0,
                    row.connection, row.server, row.flow_id,
                )
                for row in connection.execute(chosen)
            ]  # fmt: skip

        return await self._writer.write(read)

    async def set_status(self, id: str, status: Status) -> bool:
        """Store how a run goes, and return True; False for one that has ended otherwise.

        Only `queued` lets a run that has ended begin again.
        """
        return await self._writer.write(marking(id, status))

    async def set_options(self, run: RunRecord) -> None:
        """Store options that a person changed."""
        chosen = _runs.update().where(_runs.c.id == run.id)
        chosen = chosen.values(options=_json(run.options.to_json()))
        await self._writer.write(lambda connection: connection.execute(chosen))

    async def delete(self, id: str) -> None:
        """Delete a run with its requests and events. Its costs are kept."""

        def write(connection: sa.Connection) -> None:
            connection.execute(_runs.delete().where(_runs.c.id == id))
            for table in (database.requests, database.events, database.files, database.rows):
                connection.execute(table.delete().where(table.c.run == id))

        await self._writer.write(write)

    def add_cost(
        self, run: RunRecord, place: str, action: str, model: str, cost: float, *, is_played: bool
    ) -> None:
        """Store what a step cost, once. A rehearsal costs nothing."""
        if run.server == REHEARSAL:
            return
        row: Record = {
            "run": run.id, "place": place, "retired": 0, "at": time.time(), "label": run.label,
            "action": action, "model": model, "cost": cost, "played": int(is_played),
        }  # fmt: skip
        self._new_costs.add(row)

    async def retire_costs(self, run: str, places: Names) -> None:
        """Keep what steps cost that are performed again, so that both are counted."""

        def write(connection: sa.Connection) -> None:
            for place in places:
                at = (_costs.c.run == run, _costs.c.place == place)
                most = connection.execute(sa.select(sa.func.max(_costs.c.retired)).where(*at))
                retired = (most.scalar() or 0) + 1
                connection.execute(
                    _costs.update().where(*at, _costs.c.retired == 0).values(retired=retired)
                )

        await self._writer.write(write)

    async def cost_of(self, run: str) -> float:
        """Return what a run cost so far, in USD."""
        return await self._sum(_costs.c.run == run)

    async def cost_since(self, moment: float, *, with_played: bool) -> float:
        """Return the USD of all runs since a moment; perhaps also what the sandbox played."""
        since = _costs.c.at >= moment
        return await self._sum(since if with_played else sa.and_(since, _WAS_PAID))

    async def usual_cost(self, action: str, model: str) -> float | None:
        """Return the average cost so far of a step that called an action with a model."""
        # By the model that was asked for: the one that answered has a longer name.
        asked = sa.exists().where(
            _requests.c.run == _costs.c.run,
            _requests.c.place == _costs.c.place,
            _requests.c.action == action,
            _requests.c.model == model,
        )
        chosen = sa.select(sa.func.avg(_costs.c.cost)).where(asked)
        found: float | None = await self._writer.write(
            lambda connection: connection.execute(chosen).scalar()
        )
        return found

    async def costs_by(self, names: Names, since: float = 0.0) -> Rows:
        """Return the sums of costs by `day`, `model`, `action` or `flow`, the largest first.

        What the sandbox played is not among them.
        """

        def read(connection: sa.Connection) -> Rows:
            rows = connection.execute(sa.select(_costs).where(_costs.c.at >= since, _WAS_PAID))
            sums: dict[tuple[str, ...], list[float]] = {}
            for row in rows:
                day = time.strftime("%Y-%m-%d", time.localtime(row.at))
                parts = {"day": day, "model": row.model, "action": row.action, "flow": row.label}
                sums.setdefault(tuple(parts[name] for name in names), []).append(row.cost)
            return sorted(
                (
                    {**dict(zip(names, key, strict=True)), "cost": sum(found), "steps": len(found)}
                    for key, found in sums.items()
                ),
                key=lambda row: -row["cost"],
            )

        return await self._writer.write(read)

    async def _sum(self, chosen: sa.ColumnElement[bool]) -> float:
        total = sa.select(sa.func.sum(_costs.c.cost)).where(chosen)
        found: float | None = await self._writer.write(
            lambda connection: connection.execute(total).scalar()
        )
        return found or 0.0


def is_played(run: RunRecord, step: Step, definition: Definition) -> bool:
    """Return whether the sandbox surely plays what a step calls, so that nobody pays for it."""
    if run.server != SANDBOX:
        return False
    # An expression may turn out to be empty; what may be paid is counted.
    return named_server(form_of(step, definition).action, step.parameters) is None


def start_of_day(moment: float) -> float:
    """Return when the day of a moment began, in the time zone of this process."""
    year, month, day = time.localtime(moment)[:3]
    return time.mktime((year, month, day, 0, 0, 0, 0, 0, -1))


def marking(id: str, status: Status, outcome: Json = None) -> Mark:
    """Return what stores the status of a run, unless it has ended: then it returns False."""
    ended = status not in ("queued", "running")
    values = {
        "status": status,
        "ended": time.time() if ended else None,
        "outcome": None if outcome is None else _json(outcome),
    }
    chosen = _runs.update().where(_runs.c.id == id).values(values)
    if status != "queued":
        chosen = chosen.where(_runs.c.ended.is_(None))
    return lambda connection: connection.execute(chosen).rowcount > 0


def read_record(connection: sa.Connection, id: str) -> RunRecord | None:
    """Return the run of an id, if there is one."""
    row = connection.execute(sa.select(_runs).where(_runs.c.id == id)).first()
    return _record(row) if row else None


def _insert_costs(connection: sa.Connection, rows: list[Record]) -> list[None]:
    insert_all_new(connection, _costs, rows)
    return [None] * len(rows)


def _json(value: Json) -> str:
    # Escaped: PostgreSQL stores no zero characters, and JSON writes them as \\u0000.
    return json.dumps(value, separators=(",", ":"))


def _ended(row: Any) -> float | None:
    # A clock may have been set back meanwhile: nothing took less than no time.
    return None if row.ended is None else max(row.ended, row.created)


def _record(row: Any) -> RunRecord:
    return RunRecord(
        id=row.id,
        label=row.label,
        created=row.created,
        status=row.status,
        server=row.server,
        connection=row.connection,
        document=json.loads(row.document),
        inputs=json.loads(row.inputs),
        options=RunOptions(**json.loads(row.options)),
        flow_id=row.flow_id,
        flow_version=row.flow_version,
        ended=_ended(row),
        outcome=json.loads(row.outcome) if row.outcome else None,
        keyless=bool(row.keyless),
        definition=json.loads(row.definition) if row.definition else {},
        command=row.command,
    )
