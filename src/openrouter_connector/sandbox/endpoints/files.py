"""`/files`: uploads of a key, which chat refers to, and one file that a tool has made."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import Json, JsonObject

from ..checks.fields import counted
from ..content.media_type import media_type
from ..errors import Refusal, invalid, too_large
from ..multipart import parts
from ..state import File, Ledger, caller

LARGEST = 100_000_000
PROVIDERS = {"openai", "anthropic"}
MADE_BY_A_TOOL = "or_file_sandbox000000000001"
CHART = b"month,boats\nJanuary,3\nFebruary,5\nMarch,8\n"


async def upload(request: Request) -> Response:
    """`POST /files`: keep the field `file` of a form; raises Refusal 400 or 413."""
    _check_provider(request)
    form = request.headers.get("content-type", "")
    if not form.startswith("multipart/form-data"):
        raise Refusal(400, "Expected multipart/form-data with a field `file`")
    body = await request.body()
    sent = next((part for part in parts(form, body) if part.name == "file"), None)
    if sent is None or not sent.content:
        raise invalid("file", "a file that is not empty")
    if len(sent.content) > LARGEST:
        raise too_large()
    kind = await asyncio.to_thread(media_type, sent.content)
    if kind is None:
        raise Refusal(400, "Unsupported file type")
    name = f"or_file_{secrets.token_hex(12)}"
    kept = _file(name, sent.filename or "file", kind, sent.content)
    _files(request.app.state.ledger)[name] = kept
    return JSONResponse(kept.record)


async def files(request: Request) -> Response:
    """`GET /files`: one page, newest first; `cursor` is the id after which it begins."""
    _check_provider(request)
    newest = list(reversed(_files(request.app.state.ledger).values()))
    names = [kept.record["id"] for kept in newest]
    cursor = request.query_params.get("cursor")
    if cursor is not None and cursor not in names:
        raise invalid("cursor", "the cursor of a page before")
    first = names.index(cursor) + 1 if cursor is not None else 0
    many = counted(request.query_params, "limit", 100, 1, 1000)
    page = names[first : first + many]
    more = first + many < len(names)
    return JSONResponse(
        {
            "_shape": "openrouter",
            "data": [kept.record for kept in newest[first : first + many]],
            "cursor": page[-1] if more else None,
            "first_id": page[0] if page else None,
            "last_id": page[-1] if page else None,
            "has_more": more,
        }
    )


async def file(request: Request) -> Response:
    """`GET /files/{file_id}`: what is known of a file."""
    return JSONResponse(_asked(request).record)


async def delete(request: Request) -> Response:
    """`DELETE /files/{file_id}`: forget a file."""
    name = _asked(request).record["id"]
    del _files(request.app.state.ledger)[name]
    return JSONResponse({"_shape": "openrouter", "id": name, "type": "file_deleted"})


async def content(request: Request) -> Response:
    """`GET /files/{file_id}/content`: the bytes of what a tool made; 400 for an upload."""
    kept = _asked(request)
    if not kept.record["downloadable"]:
        raise Refusal(400, "Only files created by tools can be downloaded")
    head = {"Content-Disposition": f'attachment; filename="{kept.record["filename"]}"'}
    return Response(kept.content, media_type="application/octet-stream", headers=head)


def named(body: JsonObject, ledger: Ledger) -> JsonObject:
    """Give a chat in which each file that is there by id has its name; raises Refusal 404."""
    messages = body["messages"]
    if not any(map(_by_id, _contents(messages))):
        return body
    return body | {"messages": [_named(message, ledger) for message in messages]}


def _named(message: JsonObject, ledger: Ledger) -> JsonObject:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    whole: list[Json] = []
    for part in content:
        if _by_id(part):
            record = _found(part["file"]["file_id"], ledger).record
            part = part | {"file": {"filename": record["filename"]} | part["file"]}
        whole.append(part)
    return message | {"content": whole}


def _contents(messages: list[Json]) -> list[JsonObject]:
    lists = [message.get("content") for message in messages]
    return [part for parts in lists if isinstance(parts, list) for part in parts]


def _by_id(part: JsonObject) -> bool:
    return part["type"] == "file" and bool(part["file"].get("file_id"))


def _file(name: str, filename: str, kind: str, content: bytes, *, by_tool: bool = False) -> File:
    record: JsonObject = {
        "_shape": "openrouter",
        "id": name,
        "type": "file",
        "filename": filename,
        "mime_type": kind,
        "size_bytes": len(content),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "downloadable": by_tool,
    }
    return File(record, content)


def _files(ledger: Ledger) -> dict[str, File]:
    """Give the files of the key that asks; from the start there is one that a tool made."""
    made = _file(MADE_BY_A_TOOL, "boats.csv", "text/csv", CHART, by_tool=True)
    return ledger.files.setdefault(caller.get(), {MADE_BY_A_TOOL: made})


def _asked(request: Request) -> File:
    _check_provider(request)
    return _found(str(request.path_params["file_id"]), request.app.state.ledger)


def _found(name: str, ledger: Ledger) -> File:
    if (kept := _files(ledger).get(name)) is None:
        raise Refusal(404, f"File {name} not found")
    return kept


def _check_provider(request: Request) -> None:
    if request.query_params.get("provider", "openai") not in PROVIDERS:
        raise invalid("provider", "one of " + "|".join(sorted(PROVIDERS)))
