"""Long lists, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, PaginatedRequestParams

T = TypeVar("T")
SIZE = 200


def page(items: Sequence[T], params: PaginatedRequestParams | None) -> tuple[list[T], str | None]:
    """Give a page and the cursor of the next one; MCPError for a cursor that we never gave."""
    cursor = params.cursor if params else None
    start = 0 if cursor is None else _start(cursor, len(items))
    end = start + SIZE
    return list(items[start:end]), str(end) if end < len(items) else None


def _start(cursor: str, most: int) -> int:
    if cursor in map(str, range(SIZE, most, SIZE)):
        return int(cursor)
    raise MCPError(INVALID_PARAMS, f"unknown cursor {cursor[:50]!r}; begin without one")
