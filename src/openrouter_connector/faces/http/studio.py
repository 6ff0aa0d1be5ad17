"""Serve the Studio: its page, and the files of its bundle, which `make studio` builds from `web/`.

A file in `assets/` has a digest of its content in its name, so a browser keeps it for good. The
page names these files, so a browser asks for it anew each time.
"""

from __future__ import annotations

import secrets
from asyncio import to_thread
from pathlib import Path
from re import fullmatch

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .context import Context, InjectedContext
from .lasting_body import LastingBody, lasting_body, send_lasting
from .problems import not_found

BUNDLE = Path(__file__).with_name("studio_bundle")
PAGE = "index.html"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Of the page. Dialogs and menus of Radix add one style sheet while they are open, by the nonce."""
_NONCE = "STYLE_NONCE"  # in web/index.html
_KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_FOREVER = "public, max-age=31536000, immutable"
_ASK_ANEW = "private, no-cache"

router = APIRouter(include_in_schema=False)


class Bundle:
    """The files of a built Studio. Each is read and zipped once, until it changes on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[int, LastingBody]] = {}

    @property
    def is_built(self) -> bool:
        """Whether there is a page to show."""
        return (self._folder / PAGE).is_file()

    def file(self, name: str) -> LastingBody | None:
        """Return a file by its name, such as `assets/index-BkZ1.js`; None if there is none."""
        place = self._folder / name
        kind = _KINDS.get(place.suffix)
        # No name goes up a folder: a part of it neither holds a slash nor begins with a dot.
        if kind is None or not fullmatch(r"(?:assets/)?[\w-][\w.-]*", name) or not place.is_file():
            return None
        changed = place.stat().st_mtime_ns
        if name not in self._read or self._read[name][0] != changed:
            self._read[name] = changed, lasting_body(place.read_bytes(), kind)
        return self._read[name][1]

    def page(self, nonce: str) -> str:
        """Return the page, with the nonce that its styles must carry."""
        return (self._folder / PAGE).read_text(encoding="utf-8").replace(_NONCE, nonce)


def studio_page(bundle: Bundle) -> Response:
    """Return the page of a bundle that is built."""
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(
        bundle.page(nonce), headers={"Content-Security-Policy": POLICY.format(nonce=nonce)}
    )


@router.get("/assets/{name}")
async def asset(name: str, context: InjectedContext, request: Request) -> Response:
    """Return a file that the page loads. It is public, as the page of the log-in is."""
    return await _file(f"assets/{name}", _FOREVER, context, request)


@router.get("/{name}")
async def top_file(name: str, context: InjectedContext, request: Request) -> Response:
    """Return a file beside the page, such as its icon."""
    return await _file(name, _ASK_ANEW, context, request)


async def _file(name: str, cached: str, context: Context, request: Request) -> Response:
    # In a thread: at first it is read and zipped.
    body = await to_thread(context.studio.file, name)
    if body is None:
        raise not_found("there is nothing at this address")
    return send_lasting(body, request, cached)
