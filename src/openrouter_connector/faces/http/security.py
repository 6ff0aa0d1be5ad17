"""Decide who may call: by the Host header, the token or a browser's session, and the origin."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from ..listening import LOGIN_HINT, LOGIN_REFUSED
from .problems import plain_document, problem_response

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
CALLBACK = "/api/connections/pkce/callback/"
"""A browser opens it from another site, and so without its session cookie."""
HEALTH = "/api/health"
OPENAI = "/openai/"
"""The paths of the OpenAI client, which always sends a key, even to a server without a token."""
_KEY_REFUSED = (
    "send the token of this server as the API key, or any text if the server was started without "
    "a token. The provider's key belongs in a connection of this server"
)


@dataclass(frozen=True, slots=True)
class Lock:
    """Checks the token of this server, and signs with it. Without a token nothing is checked."""

    token: str | None = field(repr=False)
    codes: set[str] = field(default_factory=set, repr=False)
    """Codes that log a browser in once: others may read one where the token must not be read."""

    def redeem(self, code: str) -> bool:
        """Return whether a code logs in, and end it."""
        found = next((one for one in self.codes if _equal(code, one)), None)
        self.codes.discard(found or "")
        return found is not None

    def accepts(self, token: str) -> bool:
        """Return whether a token is correct, in constant time."""
        return self.token is not None and _equal(token, self.token)

    def new_session(self) -> str:
        """Return the cookie of a new browser session: a random name and its signature."""
        name = secrets.token_urlsafe(16)
        return f"{name}.{self.sign('session', name)}"

    def session_name(self, cookie: str) -> str | None:
        """Return the name of a session; None when this server did not sign the cookie."""
        name, _, signature = cookie.partition(".")
        return name if self.token and self.is_signed("session", name, signature) else None

    def is_signed(self, purpose: str, text: str, signature: str) -> bool:
        """Return whether a signature is correct."""
        return _equal(signature, self.sign(purpose, text))

    def sign(self, purpose: str, text: str) -> str:
        """Return the signature of a text for one purpose."""
        key = (self.token or "").encode()
        return hmac.new(key, f"{purpose}:{text}".encode(), "sha256").hexdigest()


class AllowedHosts:
    """Refuses unknown Host headers.

    In a DNS rebinding attack a foreign name resolves to this server, and its pages become our own
    origin to a browser. Their Host header is what gives them away.
    """

    def __init__(self, app: ASGIApp, hosts: Container[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with an allowed Host header; 421 for others."""
        if scope["type"] == "http":
            hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
            if len(hosts) != 1 or host_name(hosts[0]) not in self._hosts:
                message = "the Host header is not a name of this server; see --allow-host"
                return await _refuse(421, message, scope, receive, send)
        await self._app(scope, receive, send)


class TokenRequired:
    """Requires the token, or the session of a browser that was opened with the token."""

    def __init__(self, app: ASGIApp, lock: Lock, origins: Iterable[str] = ()) -> None:
        self._app = app
        self._lock = lock
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request of a known caller; 401 or 403 for others."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        request = HTTPConnection(scope)
        caller = self._caller(request)
        if caller != "token" and _sends_provider_key(request):
            return await _refuse(401, _KEY_REFUSED, scope, receive, send)
        if caller is None and _is_protected(scope["path"], scope["method"]):
            sent = "authorization" in request.headers
            return await _refuse(401, LOGIN_REFUSED if sent else LOGIN_HINT, scope, receive, send)
        # CSRF: a page of another origin can make a browser send its session cookie, or call a
        # server without a token. A program that sends the token cannot be misused this way.
        safe = caller == "token" or scope["method"] in SAFE_METHODS
        if not safe and not self._is_allowed_page(request):
            message = "this page is of another origin; see --allow-origin"
            return await _refuse(403, message, scope, receive, send)
        scope["state"]["caller"] = caller
        await self._app(scope, receive, send)

    def _caller(self, request: HTTPConnection) -> str | None:
        """Return `token`, `browser NAME` or `anyone` (no token is set); None when unknown."""
        if self._lock.token is None:
            return "anyone"
        if authorization := request.headers.get("authorization"):
            scheme, _, token = authorization.partition(" ")
            known = scheme.lower() in ("bearer", "key")  # clients of fal's router send `Key`
            return "token" if known and self._lock.accepts(token) else None
        name = self._lock.session_name(request.cookies.get(cookie_name(request), ""))
        return f"browser {name}" if name else None

    def _is_allowed_page(self, request: HTTPConnection) -> bool:
        origin = request.headers.get("origin")
        if origin is not None:
            return origin == own_origin(request) or origin in self._origins
        site = request.headers.get("sec-fetch-site")
        # Browsers send at least one of the two headers. Programs send neither, which is fine when
        # no token is set.
        return site in ("same-origin", "none") or (site is None and self._lock.token is None)


def own_origin(request: HTTPConnection) -> str:
    """Return the origin by which a request reached this server: `http://127.0.0.1:8787`."""
    return f"{request.url.scheme}://{request.headers['host']}"


def cookie_name(request: HTTPConnection) -> str:
    """Return the name of the session cookie. It holds the port, since cookies ignore ports."""
    return f"openrouter-connector-{request.url.port or request.url.scheme}"


def host_name(header: str) -> str:
    """Return the name in a Host header without its port; empty for an invalid header."""
    try:
        parts = urlsplit(f"//{header}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.netloc != header or parts.username is not None:
        return ""
    return f"[{name}]" if ":" in name else name.lower()


def _is_protected(path: str, method: str) -> bool:
    if path == HEALTH or (path.startswith(CALLBACK) and method in SAFE_METHODS):
        return False
    return path == "/api" or path.startswith(("/api/", OPENAI))


def _sends_provider_key(request: HTTPConnection) -> bool:
    """Return whether the OpenAI client sends a provider's key.

    A server without a token would ignore it, and the user would believe that this key was used.
    """
    key = request.headers.get("authorization", "").partition(" ")[2].strip()
    return request.scope["path"].startswith(OPENAI) and key.startswith("sk-")


def _equal(text: str, secret: str) -> bool:
    return hmac.compare_digest(text.encode(), secret.encode())


async def _refuse(status: int, message: str, scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    problem = plain_document(status, message, scope["state"]["request_id"])
    await problem_response(problem, headers)(scope, receive, send)
