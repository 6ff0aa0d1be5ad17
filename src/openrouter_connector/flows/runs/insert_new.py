"""Insert records of which the key does not exist; the statements are built once."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ...values import JsonObject
from .record_batch import Record


def insert_new(connection: sa.Connection, table: sa.Table, row: JsonObject) -> bool:
    """Insert a record unless its key exists, and return whether it was inserted."""
    # Not by the count of rows, which PostgreSQL's driver does not report here.
    return (
        connection.execute(_inserting_one(table, connection.dialect.name), row).first() is not None
    )


def insert_all_new(connection: sa.Connection, table: sa.Table, rows: list[Record]) -> None:
    """Insert those records of which the key does not exist."""
    connection.execute(_inserting(table, connection.dialect.name), rows)


@cache
def _inserting(table: sa.Table, dialect: str) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


@cache
def _inserting_one(table: sa.Table, dialect: str) -> sa.Executable:
    return _inserting(table, dialect).returning(table.c.run)
