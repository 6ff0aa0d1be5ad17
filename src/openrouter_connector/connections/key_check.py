"""The test of a key: what its own server says of it, by the request that the definition names.

For OpenRouter that is `GET /key`, which wants a good key. A list of models would not do: it is
given to anybody. Other servers have no `/key`, and there a list that is shown for the key and
refused without one proves it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from urllib.parse import urlsplit

from ..definition.model import Component
from ..errors import (
    ApiError,
    ConnectorError,
    CredentialError,
    ForbiddenError,
    IncompleteError,
    InputError,
    PaymentError,
)
from ..runtime.build import call_of
from ..runtime.http.api_errors import describe, error_of, refusal
from ..runtime.http.base_url import is_openrouter
from ..runtime.http.transport import Timeouts, Transport
from ..values import Json, JsonObject
from .key_report import CREDITS, KEYS, KeyReport, State, read_key_report, to_one_line
from .validation import base_url_fault, token_fault

__all__ = ["KeyReport", "check_key"]

_LIST = "GET /models"  # what every server of this kind has
_NO_SUCH_PLACE = (404, 405, 501)
_WITHIN = 30.0  # seconds for a whole answer, also when it comes byte by byte


async def check_key(
    component: Component,
    token: str | None,
    *,
    base_url: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeouts: Timeouts | None = None,
    allow_http: bool = False,
    public: bool = False,
) -> KeyReport:
    """Ask a server what it knows of a key. What goes wrong becomes a report, and is not raised.

    What can be seen to be wrong is reported before anything is sent. `base_url` is by default the
    component's. With `allow_http` the token may go unencrypted to a private network; with `public`
    nothing goes to one.
    """
    token = token.strip() if token else None
    base_url = base_url or component.base_url
    if fault := base_url_fault(base_url, token, allow_http=allow_http):
        return KeyReport("wrongHost", f"the base URL {fault}")
    if fault := token_fault(token, base_url):
        return KeyReport("malformed", f"the key {fault}")
    own = is_openrouter(base_url) or base_url == component.base_url
    host = urlsplit(base_url).hostname or ""
    timeouts = timeouts or Timeouts(connect=10, idle=10)

    def opened(key: str | None) -> Transport:
        return Transport(
            base_url,
            key,
            headers=headers,
            timeouts=timeouts,
            attempts=1,
            concurrent=False,
            public=public,
            allow_http=allow_http,
        )

    try:
        transport = opened(token)
    except InputError as error:  # of the proxy that the environment names, perhaps
        return KeyReport("wrongHost", to_one_line(error.message, token, 300))
    async with aclosing(transport):
        try:
            key = await _data(transport, component.connection.test)
        except (ConnectorError, TimeoutError) as error:
            failed = _failed(error, host, own, token)
            if own or not isinstance(error, ApiError) or error.status not in _NO_SUCH_PLACE:
                return failed
            return await _by_list(transport, opened(None), failed, host, token)
        account = JsonObject()
        if line := component.connection.account:
            with suppress(ConnectorError, TimeoutError):  # ordinary keys may not ask, as a rule
                account = await _data(transport, line)
    return read_key_report(key, account, token)


async def _data(transport: Transport, line: str) -> JsonObject:
    """Give the `data` of an answer; a ConnectorError or TimeoutError tells why there is none."""
    async with asyncio.timeout(_WITHIN), transport.open(call_of(line, {})) as response:
        body: Json = await response.json()
    if isinstance(body, dict) and isinstance(data := body.get("data"), dict):
        return data
    code = error_of(body).get("code")
    if isinstance(code, int) and 400 <= code < 600:
        raise refusal(code, body)
    raise ApiError("the answer tells of no key", status=200)


async def _by_list(
    transport: Transport, stranger: Transport, failed: KeyReport, host: str, token: str | None
) -> KeyReport:
    """Judge a key by the list of models: whether it is shown for the key, and without one.

    `failed` is the report when there is no such list.
    """
    async with aclosing(stranger):
        fault = await _fault_of_list(transport)
        if isinstance(fault, CredentialError | ForbiddenError):
            return _failed(fault, host, False, token)
        if isinstance(fault, ApiError) and fault.status in _NO_SUCH_PLACE:
            told = (
                f"{host} has no /key and no /models, so the key could not be proven; check the "
                "base URL, which mostly ends in /v1, or the first call will tell"
            )
            return KeyReport("unverified", told)
        if fault:
            return failed
        if token is None:
            told = f"{host} shows its models without a key; whether it answers, a call will tell"
            return KeyReport("unverified", told)
        if isinstance(await _fault_of_list(stranger), CredentialError):
            return KeyReport("ok", "the key works")
    told = f"{host} shows its models to anybody, so the key could not be proven"
    return KeyReport("unverified", f"{told}; the first call will tell")


async def _fault_of_list(transport: Transport) -> Exception | None:
    """Ask for the list of models, and give what went wrong."""
    try:
        async with asyncio.timeout(_WITHIN), transport.open(call_of(_LIST, {})) as response:
            body: Json = await response.json()
    except (ConnectorError, TimeoutError) as error:
        return error
    listed = isinstance(body.get("data") if isinstance(body, dict) else body, list)
    return None if listed else ApiError("the answer is no list of models", status=200)


def _failed(error: Exception, host: str, own: bool, token: str | None) -> KeyReport:
    if token is None and isinstance(error, CredentialError):
        return KeyReport("rejected", f"{host} wants a key, and none is given")
    return KeyReport(*_failure(error, host, own, _words(error, token)))


def _failure(error: Exception, host: str, own: bool, words: str) -> tuple[State, str]:
    """Say what a failed test means, and the way out. `own` is a server that surely has a `/key`."""
    status = error.status if isinstance(error, ApiError) else None
    if isinstance(error, CredentialError):
        return "rejected", (
            f"{host} does not know this key: it is misspelt, disabled or deleted; look it up, or "
            f"make a new one{_at(KEYS, own)}"
        )
    if isinstance(error, PaymentError):
        return "noCredits", f"no credits are left for this key{words}; add some{_at(CREDITS, own)}"
    if isinstance(error, ForbiddenError):
        told = f"{host} refuses this key{words}; look up what it may do{_at(KEYS, own)}"
        return "forbidden", told
    if status is None or _broke_off(error):
        return "offline", (
            f"{host} cannot be reached, or does not answer in time; check the network and the base "
            "URL, and try again"
        )
    if status in _NO_SUCH_PLACE and not own:
        return "unverified", (
            f"{host} has no /key, so the key could not be proven; the first call will tell"
        )
    if status in _NO_SUCH_PLACE or 200 <= status < 400:
        return "wrongHost", (
            f"{host} does not answer as such servers do{words}; check the base URL, which mostly "
            "ends in /v1 (OpenRouter's ends in /api/v1)"
        )
    return "unverified", (
        f"{host} answered {status}{words}, so the key could not be proven; try again later"
    )


def _at(place: str, own: bool) -> str:
    """Name a page of OpenRouter, which is no help with the key of another server."""
    return f" at {place}" if own else f" (for OpenRouter at {place})"


def _words(error: Exception, token: str | None) -> str:
    """Give what the server said, in brackets."""
    raw = error.raw if isinstance(error, ApiError) else None
    said = to_one_line(describe(error_of(raw)), token, 160)
    return f" ({said})" if said else ""


def _broke_off(error: Exception) -> bool:
    """Tell an answer that was cut off from one that came whole and is not JSON."""
    return isinstance(error, IncompleteError) and not isinstance(
        error.__cause__, ValueError | RecursionError | None
    )
