"""The database of runs, and the session that a run of a flow needs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from ...errors import CredentialError, InputError
from ...runtime.optional import extra
from .connection_args import has_destination, open_session, session_to
from .terminal import note

if TYPE_CHECKING:
    from ...connector import Connector, Session
    from ...flows.runs import EngineLimits, RunRecord, Runs
    from ...flows.runs.engine import Connect

_GRACE = 60.0  # seconds for requests under way, when a run is cancelled by Ctrl-C
_PACKAGES = {"dbos", "sqlalchemy"}


@asynccontextmanager
async def open_runs(
    args: Namespace,
    session: Session,
    connect: Connect | None = None,
    limits: EngineLimits | None = None,
) -> AsyncGenerator[Runs]:
    """Yield the runs of the database that the options or the environment name.

    DatabaseError if it cannot be used; MissingExtraError without the extra `flows`.
    """
    with flow_extra():
        from ...flows.runs import Runs
    runs = Runs(session, args.database, connect=connect, limits=limits)
    try:
        yield runs
    finally:
        await runs.aclose(_GRACE)


def flow_extra() -> AbstractContextManager[None]:
    """Return a block that raises MissingExtraError when a package that runs flows is missing."""
    return extra("flows", _PACKAGES, "running flows")


def reader(connector: Connector) -> Session:
    """Return a session that reads runs and files, and has no key."""
    return connector.connect(base_url=connector.definition.component.base_url)


def session_of_run(args: Namespace, connector: Connector, run: RunRecord) -> Session:
    """Return a session for a run that is taken up again.

    The options decide first, then the stored connection that the run names, then the environment.
    """
    # All runs keep their files in the user's store: `--output` gets copies of the outputs.
    options: dict[str, Any] = {"concurrent": True}
    if not _is_chosen(args):
        if run.keyless:
            return reader(connector)
        if run.connection is not None:
            return session_to(args, connector, connection=run.connection, **options)
        if run.server == "rehearsal":
            return session_to(args, connector, sandbox="rehearsal", **options)
        if run.server == "sandbox":
            note("The run used a sandbox: a new one is started.")
            return session_to(args, connector, sandbox=True, **options)
    return open_session(args, connector, **options)


def check_server(session: Session, run: RunRecord) -> None:
    """Raise InputError if a session belongs to another server than a run."""
    if session.server != run.server and not run.keyless:
        known = f" (its connection was {run.connection!r})" if run.connection else ""
        raise InputError(
            f"the run {run.id} called {run.server}{known}, and this would call {session.server}; "
            "choose its server with --connection, --base-url or --sandbox"
        )


def session_of_worker(args: Namespace, connector: Connector, run: RunRecord) -> Session:
    """Return a session for a run that a worker takes: of its stored connection, else of the key.

    CredentialError without a key; InputError if that belongs to another server.
    """
    if run.keyless:
        return reader(connector)
    if run.connection is not None:
        return connector.connect(connection=run.connection)
    if run.server in ("sandbox", "rehearsal"):
        return connector.connect(sandbox="rehearsal" if run.server == "rehearsal" else True)
    if not has_destination(args, connector):
        raise CredentialError(f"the worker has no API key for {run.server}")
    session = open_session(args, connector, concurrent=True)
    if session.connection is None:
        check_server(session, run)
    return session


def _is_chosen(args: Namespace) -> bool:
    return bool(args.sandbox or args.connection is not None or args.base_url)
