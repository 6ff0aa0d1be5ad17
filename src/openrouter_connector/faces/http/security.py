"""Who may ask: known hosts, a token or the session of a browser, and pages of our own origin."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from .problems import answer, plain

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
SAFE = ("GET", "HEAD", "OPTIONS")
CALLBACK = "/api/connections/pkce/callback/"
"""Opened by a browser that comes from elsewhere, and so without its session."""
OPEN = "/api/health"
OPENAI = "/openai/"
"""Where the OpenAI client finds what it knows. It always sends a key, whatever that may be."""
_KEPT = (
    "this server keeps the provider's key in its connection; give it its own token as the key, or "
    "any word when it was started without one"
)


@dataclass(frozen=True, slots=True)
class Lock:
    """The token of this server, and the signatures made with it; None is an open door."""

    token: str | None = field(repr=False)

    def opens(self, given: str) -> bool:
        """Tell whether a token is the right one, in a time that does not tell how right."""
        return self.token is not None and _same(given, self.token)

    def session(self) -> str:
        """Give what a browser keeps in its cookie: a name of its own, and a signature."""
        name = secrets.token_urlsafe(16)
        return f"{name}.{self.sign('session', name)}"

    def reads(self, cookie: str) -> str | None:
        """Give the name in a cookie; None when this server did not sign it."""
        name, _, signature = cookie.partition(".")
        return name if self.token and self.signed("session", name, signature) else None

    def signed(self, purpose: str, text: str, signature: str) -> bool:
        """Tell whether a signature is ours."""
        return _same(signature, self.sign(purpose, text))

    def sign(self, purpose: str, text: str) -> str:
        """Sign a text, for one purpose."""
        key = (self.token or "").encode()
        return hmac.new(key, f"{purpose}:{text}".encode(), "sha256").hexdigest()


class Hosts:
    """Refuses a Host header that is not ours: a foreign name that was made to lead here."""

    def __init__(self, app: ASGIApp, hosts: Container[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what asks for a known host."""
        if scope["type"] == "http":
            given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
            if len(given) != 1 or host_name(given[0]) not in self._hosts:
                told = "the Host header names no host of this server; see --allow-host"
                return await _refuse(421, told, scope, receive, send)
        await self._app(scope, receive, send)


class Door:
    """Lets in who has the token, or the session of a browser that came with it."""

    def __init__(self, app: ASGIApp, lock: Lock, origins: Iterable[str] = ()) -> None:
        self._app = app
        self._lock = lock
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on who is known; 401 and 403 for the others."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = HTTPConnection(scope)
        caller = self._caller(request)
        if caller != "token" and _brings_key(request):
            return await _refuse(401, _KEPT, scope, receive, send)
        if caller is None and _guarded(scope["path"], scope["method"]):
            told = "send the token of this server: Authorization: Bearer …"
            return await _refuse(401, told, scope, receive, send)
        # A page of another origin can make a browser send its session, or reach an open server.
        by_browser = caller != "token"
        if by_browser and scope["method"] not in SAFE and not self._ours(request):
            told = "this page may not do that: it is not of this server's origin"
            return await _refuse(403, told, scope, receive, send)
        scope["state"]["caller"] = caller
        await self._app(scope, receive, send)

    def _caller(self, request: HTTPConnection) -> str | None:
        """Tell who asks: `token`, one browser, `anyone` at an open door; None for a stranger."""
        if self._lock.token is None:
            return "anyone"
        if given := request.headers.get("authorization"):
            scheme, _, token = given.partition(" ")
            known = scheme.lower() in ("bearer", "key")  # as clients of fal's router say it
            return "token" if known and self._lock.opens(token) else None
        name = self._lock.reads(request.cookies.get(cookie_name(request), ""))
        return f"browser {name}" if name else None

    def _ours(self, request: HTTPConnection) -> bool:
        origin = request.headers.get("origin")
        if origin is not None:
            return origin == own_origin(request) or origin in self._origins
        site = request.headers.get("sec-fetch-site")
        # Every browser of today sends one of both; without a lock programs need send neither.
        return site in ("same-origin", "none") or (site is None and self._lock.token is None)


def own_origin(request: HTTPConnection) -> str:
    """Give the origin by which this server was reached: `http://127.0.0.1:8787`."""
    return f"{request.url.scheme}://{request.headers['host']}"


def cookie_name(request: HTTPConnection) -> str:
    """Name the cookie after the port: browsers give cookies to all ports of a host."""
    return f"openrouter-connector-{request.url.port or request.url.scheme}"


def host_name(given: str) -> str:
    """Give the name in a Host header, without its port; empty when it is none."""
    try:
        parts = urlsplit(f"//{given}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.netloc != given or parts.username is not None:
        return ""
    return f"[{name}]" if ":" in name else name.lower()


def _guarded(path: str, method: str) -> bool:
    if path == OPEN or (path.startswith(CALLBACK) and method in SAFE):
        return False
    return path == "/api" or path.startswith(("/api/", OPENAI))


def _brings_key(request: HTTPConnection) -> bool:
    """Tell whether the OpenAI client was given a provider's key: no answer may seem to be by it."""
    key = request.headers.get("authorization", "").partition(" ")[2].strip()
    return request.scope["path"].startswith(OPENAI) and key.startswith("sk-")


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


async def _refuse(status: int, told: str, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    problem = plain(status, told, scope["state"]["request_id"])
    await answer(problem, headers)(scope, receive, send)
