"""`/files`: upload, list, read and delete the files of a key."""

from __future__ import annotations

import asyncio
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..checks.fields import query_integer
from ..content.media_type import media_type
from ..errors import RefusedRequest, invalid, payload_too_large
from ..read_multipart import read_fields
from ..state import File, state_of
from ..uploads import files_of_key, find_file, new_file

MAX_BYTES = 100_000_000
PROVIDERS = {"openai", "anthropic"}


async def upload(request: Request) -> Response:
    """`POST /files`: store the field `file` of a form; RefusedRequest 400 or 413."""
    _check_provider(request)
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("multipart/form-data"):
        raise RefusedRequest(400, "Expected multipart/form-data with a field `file`")
    body = await request.body()
    field = next((field for field in read_fields(content_type, body) if field.name == "file"), None)
    if field is None or not field.content:
        raise invalid("file", "a file that is not empty")
    if len(field.content) > MAX_BYTES:
        raise payload_too_large()
    # In a thread: it parses the text of a JSON file, which may be large.
    kind = await asyncio.to_thread(media_type, field.content)
    if kind is None:
        raise RefusedRequest(400, "Unsupported file type")
    # The prefix of real ids.
    file_id = f"or_file_{secrets.token_hex(12)}"
    file = new_file(file_id, field.filename or "file", kind, field.content)
    files_of_key(state_of(request))[file_id] = file
    return JSONResponse(file.record)


async def files(request: Request) -> Response:
    """`GET /files`: one page, newest first; `cursor` is the last id of the page before."""
    _check_provider(request)
    newest = list(reversed(files_of_key(state_of(request)).values()))
    ids = [file.record["id"] for file in newest]
    cursor = request.query_params.get("cursor")
    if cursor is not None and cursor not in ids:
        raise invalid("cursor", "the cursor of a page before")
    start = ids.index(cursor) + 1 if cursor is not None else 0
    end = start + query_integer(request.query_params, "limit", 100, 1, 1000)
    page = ids[start:end]
    has_more = end < len(ids)
    return JSONResponse(
        {
            "_shape": "openrouter",
            "data": [file.record for file in newest[start:end]],
            "cursor": page[-1] if has_more else None,
            "first_id": page[0] if page else None,
            "last_id": page[-1] if page else None,
            "has_more": has_more,
        }
    )


async def file(request: Request) -> Response:
    """`GET /files/{file_id}`: the record of a file."""
    return JSONResponse(_requested_file(request).record)


async def delete(request: Request) -> Response:
    """`DELETE /files/{file_id}`: delete a file."""
    file_id = _requested_file(request).record["id"]
    del files_of_key(state_of(request))[file_id]
    return JSONResponse({"_shape": "openrouter", "id": file_id, "type": "file_deleted"})


async def content(request: Request) -> Response:
    """`GET /files/{file_id}/content`: the bytes of a file that a tool created; 400 for uploads."""
    file = _requested_file(request)
    # The API never returns what was uploaded.
    if not file.record["downloadable"]:
        raise RefusedRequest(400, "Only files created by tools can be downloaded")
    headers = {"Content-Disposition": f'attachment; filename="{file.record["filename"]}"'}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


def _requested_file(request: Request) -> File:
    _check_provider(request)
    return find_file(str(request.path_params["file_id"]), state_of(request))


def _check_provider(request: Request) -> None:
    if request.query_params.get("provider", "openai") not in PROVIDERS:
        raise invalid("provider", "one of " + "|".join(sorted(PROVIDERS)))
