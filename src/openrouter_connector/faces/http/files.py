"""Files: taken in, and given out whole or in part, so that a player can seek."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...values import FileEntry, LoadedFile
from .context import Here
from .json_io import response
from .problems import not_found, refused_range, responses, too_large
from .schemas import FileShape

_CHUNK = 1024 * 1024
_SHOWN = ("image/", "audio/", "video/", "text/plain", "application/pdf", "application/json")
_NEVER_SHOWN = ("image/svg+xml",)
_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; object-src 'self'; "
    "style-src 'unsafe-inline'; frame-ancestors 'none'"
)
_FOREVER = "private, max-age=31536000, immutable"
_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_GIVEN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file", "content": _BYTES},
    206: {"description": "The part that Range asked for", "content": _BYTES},
    304: {"description": "It is the file that If-None-Match names"},
    **responses(404, 416),
}

router = APIRouter(prefix="/api/files", tags=["files"])


@router.post("", status_code=201, response_model=FileShape, responses=responses(400), name="upload")
async def upload(
    file: Annotated[UploadFile, File(description="The file, with its name.")],
    here: Here,
    request: Request,
) -> Response:
    """Store a file and give its FILE_ENTRY, which can stand wherever an action takes a file."""
    if (file.size or 0) > here.files.largest:
        raise too_large(here.files.largest)
    kind = (file.content_type or "").split(";")[0].strip().lower()
    known = kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind, re.ASCII) else None
    told = None if known == "application/octet-stream" else known
    entry = await here.files.put(_chunks(file), file.filename or "file", told)
    shown = here.urls(request).entry(entry)
    return response(shown, 201, {"Location": shown["url"]})


@router.head("/{id}", response_class=Response, responses=_GIVEN, name="file_head")
@router.get("/{id}", response_class=Response, responses=_GIVEN, name="file")
async def download(id: str, here: Here, request: Request) -> Response:
    """Give a stored file, or the part of it that a `Range: bytes=…` asks for."""
    file = await here.files.find(id)
    if file is None:
        raise not_found("there is no such file (any more)")
    headers = _headers(file.entry, tag := f'"{id.rsplit("-", 1)[-1].split(".")[0]}"')
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    part = _part(request, file, tag)
    start, size = part or (0, file.size)
    status = 206 if part else 200
    headers["Content-Length"] = str(size)
    if part:
        headers["Content-Range"] = f"bytes {start}-{start + size - 1}/{file.size}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(here.files.read(id, start, size), status, headers)


def _headers(entry: FileEntry, tag: str) -> dict[str, str]:
    """Give the headers of a file; what a browser could run is sandboxed, and never opened."""
    kind = entry.mime_type
    shown = kind.startswith(_SHOWN) and kind not in _NEVER_SHOWN
    place = "inline" if shown else "attachment"
    return {
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "Content-Disposition": f"{place}; filename*=utf-8''{quote(entry.name, safe='')}",
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": _FOREVER,
        "Content-Security-Policy": _POLICY if shown else f"sandbox; {_POLICY}",
    }


def _part(request: Request, file: LoadedFile, tag: str) -> tuple[int, int] | None:
    """Give start and size of the one part that Range asks for; None for the whole.

    416 when that part lies beyond the end. Several parts at once are not given.
    """
    asked = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.headers.get("range", "").strip())
    first, last = asked.groups() if asked else ("", "")
    backwards = first and last and int(last) < int(first)
    if not (first or last) or backwards or request.headers.get("if-range", tag) != tag:
        return None
    start = int(first) if first else max(file.size - int(last), 0)
    end = min(int(last), file.size - 1) if first and last else file.size - 1
    if start >= file.size:
        raise refused_range(file.size)
    return start, end - start + 1


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk
