"""Send a body that stays the same for long: zipped, and not at all to a client that has it."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

_ZIPPABLE = ("text/", "application/json", "image/svg+xml")
_SMALLEST = 1024  # bytes; less fits into one packet anyway


@dataclass(frozen=True, slots=True)
class LastingBody:
    """A body with its type, its tag (the same for both forms), and its zipped form if smaller."""

    plain: bytes
    media_type: str
    tag: str
    zipped: bytes | None


def lasting_body(plain: bytes, media_type: str) -> LastingBody:
    """Return a body that is ready to be sent many times. Zipping takes some 30 ms a megabyte."""
    zipped = None
    if len(plain) >= _SMALLEST and media_type.startswith(_ZIPPABLE):
        zipped = gzip.compress(plain, mtime=0)
    tag = f'"{sha256(plain).hexdigest()[:20]}"'
    return LastingBody(plain, media_type, tag, zipped)


def send_lasting(body: LastingBody, request: Request, cache_control: str) -> Response:
    """Return the response to a request: 304 if the client has the body, else the body."""
    # A weak tag, since it names the zipped and the plain form alike.
    headers = {
        "Cache-Control": cache_control,
        "ETag": f"W/{body.tag}",
        "Vary": "Accept-Encoding",
    }
    if body.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if body.zipped is None or not _accepts_gzip(request.headers.get("accept-encoding", "")):
        return Response(body.plain, headers=headers, media_type=body.media_type)
    headers["Content-Encoding"] = "gzip"
    return Response(body.zipped, headers=headers, media_type=body.media_type)


def _accepts_gzip(header: str) -> bool:
    """Return whether `Accept-Encoding` names gzip, with a weight other than 0."""
    choices = (choice.partition(";q=") for choice in header.lower().replace(" ", "").split(","))
    return any(
        coding == "gzip" and (not weight or weight.strip("0.") != "")
        for coding, _, weight in choices
    )
