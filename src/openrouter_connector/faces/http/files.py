"""Endpoints of files: upload one, download it whole or in part, so that a player can seek."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File
from fastapi import UploadFile as FastUploadFile
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...values import FileEntry, LoadedFile
from .context import InjectedContext
from .json_io import json_response
from .problems import not_found, problem_responses, range_not_satisfiable, too_large
from .schemas import StoredFile

_CHUNK = 1024 * 1024
_INLINE = ("image/", "audio/", "video/", "text/plain", "application/pdf", "application/json")
_NEVER_INLINE = ("image/svg+xml",)  # an SVG can hold scripts
_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; object-src 'self'; "
    "style-src 'unsafe-inline'; frame-ancestors 'none'"
)
_FOREVER = "private, max-age=31536000, immutable"  # the id holds a digest of the content
_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_DOWNLOADS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file", "content": _BYTES},
    206: {"description": "The requested range", "content": _BYTES},
    304: {"description": "Unchanged since the version in If-None-Match"},
    **problem_responses(404, 416),
}

router = APIRouter(prefix="/api/files", tags=["files"])


@router.post(
    "",
    summary="Upload a file",
    status_code=201,
    response_model=StoredFile,
    responses=problem_responses(400),
    name="upload",
)
async def upload(
    file: Annotated[FastUploadFile, File(description="The file, with its name.")],
    context: InjectedContext,
    request: Request,
) -> Response:
    """Store a file, and return the FILE_ENTRY to use wherever an action accepts a file."""
    if (file.size or 0) > context.files.largest:
        raise too_large(context.files.largest)
    kind = mime_type((file.content_type or "").split(";")[0].strip().lower())
    # Clients send octet-stream when they do not know the type; the name may tell more.
    declared = None if kind == "application/octet-stream" else kind
    entry = await context.files.put(upload_chunks(file), file.filename or "file", declared)
    stored = context.urls(request).entry(entry)
    return json_response(stored, 201, {"Location": stored["url"]})


@router.head(
    "/{id}",
    summary="Download a file",
    response_class=Response,
    responses=_DOWNLOADS,
    name="file_head",
)
@router.get(
    "/{id}", summary="Download a file", response_class=Response, responses=_DOWNLOADS, name="file"
)
async def download(id: str, context: InjectedContext, request: Request) -> Response:
    """Return a stored file, or the range of it that `Range: bytes=…` requests."""
    file = await context.files.find(id)
    if file is None:
        raise not_found("this file does not exist, or no longer exists")
    headers = _headers(file.entry, tag := f'"{id.rsplit("-", 1)[-1].split(".")[0]}"')
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    part = _range(request, file, tag)
    start, size = part or (0, file.size)
    status = 206 if part else 200
    headers["Content-Length"] = str(size)
    if part:
        headers["Content-Range"] = f"bytes {start}-{start + size - 1}/{file.size}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(context.files.read(id, start, size), status, headers)


def mime_type(text: str) -> str | None:
    """Return a MIME type that came from outside; None when it is not well-formed."""
    return text if re.fullmatch(r"[\w.+-]+/[\w.+-]+", text, re.ASCII) else None


async def upload_chunks(file: UploadFile) -> AsyncIterator[bytes]:
    """Yield the content of an uploaded file from its start, chunk by chunk."""
    await file.seek(0)
    while chunk := await file.read(_CHUNK):
        yield chunk


def _headers(entry: FileEntry, tag: str) -> dict[str, str]:
    """Return the headers of a file. What a browser could execute is sandboxed and downloaded."""
    kind = entry.mime_type
    inline = kind.startswith(_INLINE) and kind not in _NEVER_INLINE
    disposition = "inline" if inline else "attachment"
    return {
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "Content-Disposition": f"{disposition}; filename*=utf-8''{quote(entry.name, safe='')}",
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": _FOREVER,
        "Content-Security-Policy": _POLICY if inline else f"sandbox; {_POLICY}",
    }


def _range(request: Request, file: LoadedFile, tag: str) -> tuple[int, int] | None:
    """Return start and size of the requested range; None for the whole file.

    416 when the range begins behind the end. Several ranges at once are not supported: the
    response is the whole file, as RFC 9110 allows.
    """
    header = request.headers.get("range", "").strip()
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header)
    first, last = match.groups() if match else ("", "")
    backwards = first and last and int(last) < int(first)
    if not (first or last) or backwards or request.headers.get("if-range", tag) != tag:
        return None
    start = int(first) if first else max(file.size - int(last), 0)
    end = min(int(last), file.size - 1) if first and last else file.size - 1
    if start >= file.size:
        raise range_not_satisfiable(file.size)
    return start, end - start + 1
