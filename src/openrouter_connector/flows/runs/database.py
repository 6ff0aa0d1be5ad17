"""The database of runs: SQLite in the user's folder by default, PostgreSQL by its URL.

DBOS keeps its workflows and steps in it, and we keep six tables beside them: the runs, their paid
requests, their events, their files, their costs, and the rows of batches. One engine serves both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from ...errors import DatabaseError, InputError

VARIABLE = "OPENROUTER_CONNECTOR_DATABASE"
VERSION = 3
"""The version of our tables. A database of a newer one is refused, and nothing in it is changed."""
_WITH_FILE_INDEX = 2  # the first version that notes which run names which file

BUSY = 30_000
"""Milliseconds to wait for a lock of SQLite that another process holds."""
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""So that either side notices within a minute that the other one is gone; seconds, and a count."""
_SILENCE = 60_000  # milliseconds that sent data may stay unacknowledged

_metadata = sa.MetaData()

versions = sa.Table("flow_tables_version", _metadata, sa.Column("version", sa.Integer))

runs = sa.Table(
    "flow_runs",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("created", sa.Float, nullable=False, index=True),
    sa.Column("ended", sa.Float),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("flow_id", sa.Text),
    sa.Column("flow_version", sa.Integer),
    sa.Column("connection", sa.Text),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    # 1 if each step names a server of its own, so that the run needs no connection.
    sa.Column("keyless", sa.Integer),
    sa.Column("definition", sa.Text),
    # The digest of the command that sends rows, by which the same command finds its run again.
    sa.Column("command", sa.Text),
)

requests = sa.Table(
    "flow_requests",
    _metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    # 0 for the current one; a person who sends it again retires the earlier ones.
    sa.Column("retired", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("sent", sa.Float, nullable=False),
    sa.Column("answer", sa.Text),
)

events = sa.Table(
    "flow_events",
    _metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("run", sa.Text, nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
)

files = sa.Table(
    "flow_files",
    _metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("file", sa.Text, primary_key=True, index=True),
)

costs = sa.Table(
    "flow_costs",
    _metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("retired", sa.Integer, primary_key=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("cost", sa.Float, nullable=False),
    # 1 if the sandbox played the call, so that nobody paid; null if an earlier program noted it.
    sa.Column("played", sa.Integer),
)

rows = sa.Table(
    "flow_rows",
    _metadata,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("cost", sa.Float, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    # Rows are counted while they run: without it each count would read all outcomes.
    sa.Index("flow_rows_counted", "run", "state", "cost"),
)


def database_url(given: str | None = None) -> str:
    """Return the URL of the database: given, from the environment, or the user's SQLite file."""
    url = given or os.environ.get(VARIABLE) or ""
    if not url:
        from ...connections.store import default_folder

        return f"sqlite:///{default_folder() / 'runs.sqlite3'}"
    if url.startswith("postgres://"):
        url = "postgresql" + url.removeprefix("postgres")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg" + url.removeprefix("postgresql")
    return url if "://" in url else f"sqlite:///{Path(url).expanduser().absolute()}"


def open_database(url: str) -> sa.Engine:
    """Connect, and create what is missing. DatabaseError if the database cannot be used."""
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise InputError(f"runs are kept in SQLite or PostgreSQL, not {parsed.drivername!r}")
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            _make_private(Path(parsed.database))
            engine = sa.create_engine(parsed, pool_size=8, max_overflow=24)
            event.listen(engine, "connect", _prepare_sqlite)
            _watch_file(engine, Path(parsed.database))
        else:
            own = {"keepalives": 1, **KEEPALIVES, "tcp_user_timeout": _SILENCE}
            engine = sa.create_engine(
                parsed,
                pool_size=20,
                max_overflow=10,
                pool_pre_ping=True,
                connect_args={name: own[name] for name in own.keys() - parsed.query.keys()},
            )
    except (sa.exc.ArgumentError, NoSuchModuleError) as error:
        raise InputError(
            "the database must be a file name or a URL such as postgresql://host/name"
        ) from error
    with database_errors():
        _create(engine)
    return engine


@contextmanager
def database_errors() -> Iterator[None]:
    """Raise DatabaseError for what the database refuses; without its URL, which has a password."""
    try:
        yield
    except SQLAlchemyError as error:
        raise database_error(error) from None


def is_busy(error: Exception) -> bool:
    """Return whether another process held the lock of SQLite for longer than we wait."""
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def is_full(error: Exception) -> bool:
    """Return whether the disk of SQLite is full."""
    return getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_FULL"


def database_error(error: SQLAlchemyError) -> DatabaseError:
    """Return what the database refused, as our error; without its statement and its URL."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    text = str(cause).strip().splitlines() or [type(cause).__name__]
    return DatabaseError(f"the database of runs cannot be used: {text[0][:300]}")


def _create(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two workers that start together must not both create the tables.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(727001)"))
        else:
            connection.execute(sa.text("BEGIN IMMEDIATE"))
        _metadata.create_all(connection)
        _add_missing_columns(connection)
        found = connection.execute(sa.select(versions.c.version)).scalar()
        if found is None:
            connection.execute(versions.insert().values(version=VERSION))
        elif found < VERSION:
            if found < _WITH_FILE_INDEX:
                from .file_index import index_all  # which needs the tables of this module

                index_all(connection)
            connection.execute(versions.update().values(version=VERSION))
        elif found > VERSION:
            raise DatabaseError(
                f"the database of runs is of version {found}, and this program knows {VERSION}; "
                "update openrouter-connector"
            )


def _add_missing_columns(connection: sa.Connection) -> None:
    """Add the columns to our tables that an earlier program did not know."""
    known = sa.inspect(connection)
    for table in _metadata.tables.values():
        there = {column["name"] for column in known.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                kind = column.type.compile(connection.dialect)
                # Names of our own tables, which need no quoting.
                connection.execute(sa.text(f"ALTER TABLE {table.name} ADD {column.name} {kind}"))


def _make_private(file: Path) -> None:
    """Create the file so that only its owner can read it: prompts and answers are in it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Only a missing one: closing a database's file drops SQLite's locks of this whole process.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise DatabaseError(f"{file} cannot be used as a database: {error.strerror}") from error


def _watch_file(engine: sa.Engine, file: Path) -> None:
    """Refuse each transaction once the file is gone: SQLite itself would go on without it."""
    known = file.stat()

    def check(*_: object) -> None:
        try:
            is_there = os.path.samestat(known, file.stat())
        except OSError:
            is_there = False
        if not is_there:
            raise DatabaseError(
                f"the database of runs was deleted or replaced while it was in use: {file}"
            )

    event.listen(engine, "do_connect", check)
    event.listen(engine, "begin", check)


def _prepare_sqlite(connection: Any, _: object) -> None:
    # As DBOS sets it up, and with a log that is written ahead: readers do not wait for a writer.
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={BUSY}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
