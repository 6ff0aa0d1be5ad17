"""OAuth with PKCE that ends with a key: a person consents, returns with a code, a key is made.

    begin ──authorize_url──▶ a person authorizes ──code──▶ finish ──code, verifier──▶ key

This flow has no client id and no `state` parameter, so the state is part of the callback URL's
path. Without a callback URL, the server shows the person a code to type.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import isfinite
from secrets import token_urlsafe
from urllib.parse import urlencode, urlsplit, urlunsplit

from ..definition.model import Component, OAuth
from ..definition.paths import at
from ..errors import (
    ApiError,
    ConnectorError,
    CredentialError,
    InputError,
    Problem,
    UnavailableError,
)
from ..runtime.build import call_of
from ..runtime.http.base_url import is_same_server
from ..runtime.http.transport import Timeouts, Transport
from ..secret import raise_without_context
from ..values import Call, Json
from .token_binding import is_other_host
from .validation import base_url_fault

LIFETIME = 600.0  # seconds; a server forgets its codes after about as long
_MAX_PENDING = 1000  # flows of a process
_MAX_PER_OWNER = 20  # flows of one owner; the oldest gives way
_REFUSED = (400, 401, 403, 409)
_NOT_SUPPORTED = (404, 405, 501)

Callback = Callable[[str], str] | str
"""The callback URL: a function of the state, or a URL to which `/` and the state are appended."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """An authorization that was started: the URL to open, and for how many seconds it is valid."""

    state: str
    authorize_url: str
    headless: bool
    """Whether the server shows a code to type, instead of sending the browser back."""
    expires_in: float


class Authorizations:
    """The pending authorizations, in memory. Each can be finished once."""

    def __init__(
        self,
        component: Component,
        *,
        allow_private: bool = True,
        lifetime: float = LIFETIME,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without `allow_private`, a base URL on another host must have a public address."""
        self._component = component
        self._allow_private = allow_private
        self._lifetime = lifetime
        self._clock = clock
        self._pending: dict[str, _Pending] = {}

    def begin(
        self,
        owner: str,
        *,
        base_url: str | None = None,
        callback: Callback | None = None,
        limit: float | None = None,
        label: str | None = None,
    ) -> Authorization:
        """Start an authorization that only `owner` can finish.

        `base_url` defaults to the component's; without a `callback` the server shows a code.
        `limit`, in USD, and `label` are properties of the new key. Raises InputError with all
        problems, or if too many authorizations are pending.
        """
        oauth = self._oauth()
        # The verifier has 64 characters; RFC 7636 demands 43 to 128.
        state, verifier = token_urlsafe(24), token_urlsafe(48)
        # The state in the path makes each callback URL a secret: nobody else can inject a code.
        callback_url = _callback_url(callback, state)
        if found := list(_problems(base_url, callback_url, limit, label)):
            raise InputError(found)
        self._make_room(owner)
        parameters = {
            "callback_url": callback_url,
            "code_challenge": code_challenge(verifier),
            "code_challenge_method": "S256",
            "limit": None if limit is None else f"{limit:.12g}",
            "key_label": label,
        }
        query = urlencode({name: value for name, value in parameters.items() if value is not None})
        self._pending[state] = _Pending(owner, self._clock() + self._lifetime, base_url, verifier)
        url = f"{_authorize_page(oauth, self._component.base_url, base_url)}?{query}"
        return Authorization(state, url, callback_url is None, self._lifetime)

    async def finish(self, state: str, code: str, owner: str) -> str:
        """Exchange the code that a person returned with, and return the key.

        The authorization is used up, whatever the outcome. Raises InputError if this owner has no
        such authorization, CredentialError if the server refuses the code, and ApiError if the
        server cannot be reached.
        """
        code = code.strip()
        if not code or len(code) > 1000 or not all("!" <= letter <= "~" for letter in code):
            raise InputError(
                [Problem("code", "is not a code; copy the whole code, and nothing else")]
            )
        # Taken before the request: two requests at once must not use one code twice.
        pending = self._take(state, owner)
        oauth = self._oauth()
        call = replace(
            call_of(oauth.token_request, {}),
            body={
                "code": code,
                "code_verifier": pending.verifier,
                "code_challenge_method": "S256",
            },
        )
        public = not self._allow_private and is_other_host(pending.base_url, self._component)
        try:
            response = await _exchange(pending.base_url or self._component.base_url, call, public)
        except ConnectorError as error:
            # The error's text may repeat the code, so neither it nor the cause is kept.
            raise_without_context(_refusal(error))
        key = at(response, oauth.token)
        if not isinstance(key, str) or not key or not all("!" <= letter <= "~" for letter in key):
            raise CredentialError(f"the server returned no key for the code; {_START_AGAIN}")
        return key

    def cancel(self, state: str, owner: str) -> None:
        """Cancel a pending authorization of this owner; ignore an unknown one."""
        pending = self._pending.get(state)
        if pending and pending.owner == owner and not pending.ended:
            self._pending[state] = pending.end("was cancelled")

    def _oauth(self) -> OAuth:
        oauth = self._component.connection.oauth
        if oauth is None:
            message = f"{self._component.title} does not support OAuth; enter an API key instead"
            raise InputError([Problem("connection.oauth", message)])
        return oauth

    def _take(self, state: str, owner: str) -> _Pending:
        """Return a pending authorization, and mark it as used; raise InputError without one."""
        self._expire()
        pending = self._pending.get(state)
        # One message for both: it must not reveal that another owner's state exists.
        if pending is None or pending.owner != owner:
            message = f"no such authorization was started here; {_START_AGAIN}"
            raise InputError([Problem("state", message)])
        if pending.ended:
            message = f"this authorization {pending.ended}; {_START_AGAIN}"
            raise InputError([Problem("state", message)])
        # Whatever the outcome: a code that failed once may have been stolen.
        self._pending[state] = pending.end("was already used")
        return pending

    def _expire(self) -> None:
        """End authorizations that took too long; forget them after the same time again.

        In between, `finish` can still say why it refuses one.
        """
        now = self._clock()
        for state, pending in list(self._pending.items()):
            if now >= pending.expires + self._lifetime:
                del self._pending[state]
            elif now >= pending.expires and not pending.ended:
                minutes = f"{self._lifetime / 60:g}"
                self._pending[state] = pending.end(f"took longer than {minutes} minutes")

    def _make_room(self, owner: str) -> None:
        self._expire()
        own = [state for state, pending in self._pending.items() if pending.owner == owner]
        for state in own[: max(0, len(own) - _MAX_PER_OWNER + 1)]:
            del self._pending[state]
        if len(self._pending) >= _MAX_PENDING:
            raise InputError("too many authorizations are pending; try again in some minutes")


@dataclass(frozen=True, slots=True)
class _Pending:
    """What only this process knows of an authorization; an ended one keeps only the reason."""

    owner: str
    expires: float
    base_url: str | None
    verifier: str = field(repr=False)
    ended: str = ""

    def end(self, reason: str) -> _Pending:
        return replace(self, verifier="", ended=reason)


_START_AGAIN = "start again"


def code_challenge(verifier: str) -> str:
    """Return the `S256` code challenge of a verifier (RFC 7636)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _problems(
    base_url: str | None, callback_url: str | None, limit: float | None, label: str | None
) -> Iterator[Problem]:
    if fault := base_url_fault(base_url, "the key that the server will create"):
        yield Problem("baseUrl", fault)
    if callback_url is not None and not _is_allowed(callback_url):
        message = "must be https://, or http:// to localhost or 127.0.0.1; or leave it out"
        yield Problem("callback", message)
    if limit is not None and not (isfinite(limit) and limit > 0):
        yield Problem("limit", "must be an amount of USD above 0")
    if label is not None and not (0 < len(label) <= 100 and label.isprintable()):
        yield Problem("label", "must be one line of at most 100 characters")


def _authorize_page(oauth: OAuth, own: str, base_url: str | None) -> str:
    """Return the page of consent: the component's own, or the same path on another server.

    So a code is never exchanged at another server than the one that issued it.
    """
    base_url = base_url or own
    if is_same_server(base_url, own) and is_same_server(oauth.authorization_url, own):
        return oauth.authorization_url
    server, page = urlsplit(base_url), urlsplit(oauth.authorization_url)
    return urlunsplit((server.scheme, server.netloc, page.path, "", ""))


def _callback_url(callback: Callback | None, state: str) -> str | None:
    if callback is None or callable(callback):
        return callback(state) if callback else None
    return f"{callback.rstrip('/')}/{state}"


def _is_allowed(callback_url: str) -> bool:
    """Return whether a server of consent sends people there."""
    parts = urlsplit(callback_url)
    # The consent page accepts http only for these two names, and not for `[::1]`.
    local = parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


async def _exchange(base_url: str, call: Call, public: bool) -> Json:
    timeouts = Timeouts(connect=10, idle=30)
    # No token is sent here: the code and the verifier are the credentials.
    transport = Transport(base_url, timeouts=timeouts, attempts=2, concurrent=False, public=public)
    async with aclosing(transport), transport.open(call) as response:
        return await response.json()


def _refusal(error: ConnectorError) -> ConnectorError:
    status = error.status if isinstance(error, ApiError | CredentialError) else None
    if status in _REFUSED:
        # The status is the same for a wrong and an expired code; only the text differs.
        expired = "expired" in error.message
        reason = "it expired" if expired else "it is wrong, was already used or expired"
        message = f"the server refuses the code: {reason}; {_START_AGAIN}"
        return CredentialError(message, status)
    if status in _NOT_SUPPORTED:
        message = "this server does not support OAuth; create a key there, and enter it"
        return ApiError(message, status=status)
    if isinstance(error, InputError):
        return InputError(error.problems)
    problem = f"answered {status}" if status else "could not be reached, or did not answer in time"
    message = f"the server {problem}, so the code was not exchanged; {_START_AGAIN}"
    return UnavailableError(message, status=status, retryable=True)
