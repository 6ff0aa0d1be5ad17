"""Split the lists of the protocol into pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, PaginatedRequestParams

T = TypeVar("T")
PAGE_SIZE = 200


def page(items: Sequence[T], params: PaginatedRequestParams | None) -> tuple[list[T], str | None]:
    """Return a page and the cursor of the next one. MCPError for an unknown cursor."""
    cursor = params.cursor if params else None
    start = 0 if cursor is None else _start(cursor, len(items))
    end = start + PAGE_SIZE
    return list(items[start:end]), str(end) if end < len(items) else None


def _start(cursor: str, count: int) -> int:
    if cursor in map(str, range(PAGE_SIZE, count, PAGE_SIZE)):
        return int(cursor)
    raise MCPError(INVALID_PARAMS, f"unknown cursor {cursor[:50]!r}; start without a cursor")
