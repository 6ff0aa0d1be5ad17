"""Responses with lists: pages, ETags and cache headers."""

from __future__ import annotations

import hashlib
import json
from typing import TypeVar
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from openrouter_connector.values import JsonObject

from .checks.fields import query_integer

# The header that the real API sends with its lists, so that clients can be tested for obeying it.
CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=3600"
T = TypeVar("T")


def cacheable(request: Request, body: JsonObject) -> Response:
    """Return JSON with an ETag, or 304 if the client already has it."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'W/"{hashlib.sha256(text).hexdigest()[:32]}"'
    headers = {"Cache-Control": CACHE_CONTROL, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/json", headers=headers)


def page(
    rows: list[T], query: QueryParams, *, default: int = 500, most: int = 1000
) -> tuple[list[T], str | None]:
    """Return one page of the rows, and the query of the next page (None after the last).

    Without `offset` and `limit`, the page is the whole list.
    """
    # The real list comes whole unless a client asks for pages.
    if "offset" not in query and "limit" not in query:
        return rows, None
    offset = query_integer(query, "offset", 0, 0, 10**9)
    limit = query_integer(query, "limit", default, 1, most)
    if offset + limit >= len(rows):
        return rows[offset:], None
    rest = dict(query) | {"offset": str(offset + limit), "limit": str(limit)}
    return rows[offset : offset + limit], urlencode(rest)
