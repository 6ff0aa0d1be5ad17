"""OAuth with PKCE that ends with a key: a person consents, returns with a code, a key is made.

    begin ──authorize_url──▶ a person consents ──code──▶ finish ──code, verifier──▶ key

There is no client id and no `state` parameter, so the state travels in the path of the address
that the person comes back to; without such an address the person is shown a code to type.
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
from ..secret import raise_alone
from ..values import Call, Json
from .owner import leads_elsewhere
from .validation import base_url_fault

LIFETIME = 600.0  # seconds; a server forgets its codes after about as long
_OPEN = 1000  # flows of a process
_OWN = 20  # flows of one owner; the oldest gives way
_REFUSED = (400, 401, 403, 409)
_NO_SUCH_PLACE = (404, 405, 501)

Callback = Callable[[str], str] | str
"""Where a person comes back to: what makes it of the state, or the address that `/` and the state
are put behind."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A consent that was begun: where to send the person, and for how many seconds it is good."""

    state: str
    authorize_url: str
    headless: bool
    """Whether the person comes back with a code to type."""
    expires_in: float


class Flows:
    """What was begun and not ended, in memory: a flow ends once, with a key or without."""

    def __init__(
        self,
        component: Component,
        *,
        allow_private: bool = True,
        lifetime: float = LIFETIME,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without `allow_private` another base URL than the component's reaches no private one."""
        self._component = component
        self._allow_private = allow_private
        self._lifetime = lifetime
        self._clock = clock
        self._begun: dict[str, _Begun] = {}

    def begin(
        self,
        owner: str,
        *,
        base_url: str | None = None,
        callback: Callback | None = None,
        limit: float | None = None,
        label: str | None = None,
    ) -> Flow:
        """Begin a flow that only `owner` can finish, and give where to send the person.

        `base_url` is by default the component's; without a `callback` a code is shown instead.
        `limit`, in USD, and `label` are what the key is to have. InputError lists all that is
        wrong, or says that too many flows are open.
        """
        oauth = self._oauth()
        state, verifier = token_urlsafe(24), token_urlsafe(48)
        address = _come_back(callback, state)
        if found := list(_problems(base_url, address, limit, label)):
            raise InputError(found)
        self._make_room(owner)
        wanted = {
            "callback_url": address,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
            "limit": None if limit is None else f"{limit:.12g}",
            "key_label": label,
        }
        query = urlencode({name: value for name, value in wanted.items() if value is not None})
        self._begun[state] = _Begun(owner, self._clock() + self._lifetime, base_url, verifier)
        url = f"{_page(oauth, self._component.base_url, base_url)}?{query}"
        return Flow(state, url, address is None, self._lifetime)

    async def finish(self, state: str, code: str, owner: str) -> str:
        """Exchange the code that a person came back with, and give the key.

        Whatever comes of it, the flow is used then. InputError when there is no such flow of this
        owner, or none any more; CredentialError when the server refuses the code; ApiError when
        it cannot be asked.
        """
        code = code.strip()
        if not code or len(code) > 1000 or not all("!" <= letter <= "~" for letter in code):
            raise InputError(
                [Problem("code", "is not a code; copy the whole code, and nothing else")]
            )
        begun = self._taken(state, owner)
        oauth = self._oauth()
        call = replace(
            call_of(oauth.exchange, {}),
            body={
                "code": code,
                "code_verifier": begun.verifier,
                "code_challenge_method": "S256",
            },
        )
        public = not self._allow_private and leads_elsewhere(begun.base_url, self._component)
        try:
            response = await _answer(begun.base_url or self._component.base_url, call, public)
        except ConnectorError as error:
            # Its own text may repeat what was sent, so neither that nor the cause is kept.
            raise_alone(_refusal(error))
        key = at(response, oauth.key)
        if not isinstance(key, str) or not key or not all("!" <= letter <= "~" for letter in key):
            raise CredentialError(f"the server gave no key for the code; {_AGAIN}")
        return key

    def cancel(self, state: str, owner: str) -> None:
        """Forget a flow of this owner; one that is not there is none to forget."""
        begun = self._begun.get(state)
        if begun and begun.owner == owner and not begun.ended:
            self._begun[state] = begun.over("was cancelled")

    def _oauth(self) -> OAuth:
        oauth = self._component.connection.oauth
        if oauth is None:
            told = f"{self._component.title} knows no way to a key but to enter one"
            raise InputError([Problem("connection.oauth", told)])
        return oauth

    def _taken(self, state: str, owner: str) -> _Begun:
        """Give an open flow, and let nobody else have it; InputError when there is none."""
        self._forget_late()
        begun = self._begun.get(state)
        if begun is None or begun.owner != owner:
            raise InputError([Problem("state", f"no such consent was begun here; {_AGAIN}")])
        if begun.ended:
            raise InputError([Problem("state", f"this consent {begun.ended}; {_AGAIN}")])
        self._begun[state] = begun.over("was used already")
        return begun

    def _forget_late(self) -> None:
        """Take what is needed away from flows that are late, and after as long the rest of them."""
        now = self._clock()
        for state, begun in list(self._begun.items()):
            if now >= begun.until + self._lifetime:
                del self._begun[state]
            elif now >= begun.until and not begun.ended:
                minutes = f"{self._lifetime / 60:g}"
                self._begun[state] = begun.over(f"took longer than {minutes} minutes")

    def _make_room(self, owner: str) -> None:
        self._forget_late()
        own = [state for state, begun in self._begun.items() if begun.owner == owner]
        for state in own[: max(0, len(own) - _OWN + 1)]:
            del self._begun[state]
        if len(self._begun) >= _OPEN:
            raise InputError("too many consents are open; try again in some minutes")


@dataclass(frozen=True, slots=True)
class _Begun:
    """A flow, as only this process knows it; one that ended knows nothing but why."""

    owner: str
    until: float
    base_url: str | None
    verifier: str = field(repr=False)
    ended: str = ""

    def over(self, why: str) -> _Begun:
        return replace(self, verifier="", ended=why)


_AGAIN = "begin again"


def challenge(verifier: str) -> str:
    """Give what is shown of a verifier beforehand: `S256` of RFC 7636."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _problems(
    base_url: str | None, address: str | None, limit: float | None, label: str | None
) -> Iterator[Problem]:
    if fault := base_url_fault(base_url, "the key that will come"):
        yield Problem("baseUrl", fault)
    if address is not None and not _may_come_back(address):
        told = "must be https://, or http:// to localhost or 127.0.0.1; else let a code be typed"
        yield Problem("callback", told)
    if limit is not None and not (isfinite(limit) and limit > 0):
        yield Problem("limit", "must be an amount of USD above 0")
    if label is not None and not (0 < len(label) <= 100 and label.isprintable()):
        yield Problem("label", "must be one line of at most 100 characters")


def _page(oauth: OAuth, own: str, base_url: str | None) -> str:
    """Return the page of consent: the component's own, or the same path on another server.

    The code of one server is never exchanged at another.
    """
    base_url = base_url or own
    if is_same_server(base_url, own) and is_same_server(oauth.authorize, own):
        return oauth.authorize
    there, page = urlsplit(base_url), urlsplit(oauth.authorize)
    return urlunsplit((there.scheme, there.netloc, page.path, "", ""))


def _come_back(callback: Callback | None, state: str) -> str | None:
    if callback is None or callable(callback):
        return callback(state) if callback else None
    return f"{callback.rstrip('/')}/{state}"


def _may_come_back(address: str) -> bool:
    """Return whether a server of consent sends people there."""
    parts = urlsplit(address)
    here = parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))


async def _answer(base_url: str, call: Call, public: bool) -> Json:
    timeouts = Timeouts(connect=10, idle=30)
    transport = Transport(base_url, timeouts=timeouts, attempts=2, concurrent=False, public=public)
    async with aclosing(transport), transport.open(call) as response:
        return await response.json()


def _refusal(error: ConnectorError) -> ConnectorError:
    status = error.status if isinstance(error, ApiError | CredentialError) else None
    if status in _REFUSED:
        expired = "expired" in error.message
        why = "it expired" if expired else "it is wrong, was used already or expired"
        return CredentialError(f"the server refuses the code: {why}; {_AGAIN}", status)
    if status in _NO_SUCH_PLACE:
        told = "this server gives no keys for codes; make a key there, and enter it"
        return ApiError(told, status=status)
    if isinstance(error, InputError):
        return InputError(error.problems)
    how = f"answered {status}" if status else "could not be reached, or did not answer in time"
    told = f"the server {how}, so the code was not exchanged; {_AGAIN}"
    return UnavailableError(told, status=status, retryable=True)
