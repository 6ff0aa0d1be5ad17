"""The test of a key: what its own server says of it, by the request that the definition names.

For OpenRouter that is `GET /key`, which wants a good key. A list of models would not do: it is
given to anybody.
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
from ..runtime.refusals import describe, error_of, refusal
from ..runtime.request import call_of
from ..runtime.transport import Timeouts, Transport
from ..values import Json, JsonObject
from .key_report import CREDITS, KEYS, KeyReport, State, one_line, report
from .wellformed import base_url_fault, is_openrouter, token_fault

__all__ = ["KeyReport", "test_key"]

_NO_SUCH_PLACE = (404, 405, 501)
_WITHIN = 30.0  # seconds for a whole answer, also when it comes byte by byte


async def test_key(
    component: Component,
    token: str | None,
    *,
    base_url: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeouts: Timeouts | None = None,
) -> KeyReport:
    """Ask a server what it knows of a key. What goes wrong becomes a report, and is not raised.

    What can be seen to be wrong is reported before anything is sent. `base_url` is by default the
    component's.
    """
    token = token.strip() if token else None
    base_url = base_url or component.base_url
    if fault := base_url_fault(base_url, token):
        return KeyReport("wrongHost", f"the base URL {fault}")
    if fault := token_fault(token, base_url):
        return KeyReport("malformed", f"the key {fault}")
    timeouts = timeouts or Timeouts(connect=10, idle=10)
    try:
        transport = Transport(
            base_url, token, headers=headers, timeouts=timeouts, attempts=1, concurrent=False
        )
    except InputError as error:  # of the proxy that the environment names, perhaps
        return KeyReport("wrongHost", one_line(error.message, token, 300))
    async with aclosing(transport):
        try:
            key = await _data(transport, component.connection.test)
        except (ConnectorError, TimeoutError) as error:
            own = is_openrouter(base_url) or base_url == component.base_url
            host = urlsplit(base_url).hostname or ""
            if token is None and isinstance(error, CredentialError):
                return KeyReport("rejected", f"{host} wants a key, and none is given")
            return KeyReport(*_failure(error, host, own, _words(error, token)))
        account = JsonObject()
        if line := component.connection.account:
            with suppress(ConnectorError, TimeoutError):  # ordinary keys may not ask, as a rule
                account = await _data(transport, line)
    return report(key, account, token)


async def _data(transport: Transport, line: str) -> JsonObject:
    """Give the `data` of an answer; a ConnectorError or TimeoutError tells why there is none."""
    async with asyncio.timeout(_WITHIN), transport.open(call_of(line, {})) as reply:
        body: Json = await reply.json()
    if isinstance(body, dict) and isinstance(data := body.get("data"), dict):
        return data
    code = error_of(body).get("code")
    if isinstance(code, int) and 400 <= code < 600:
        raise refusal(code, body)
    raise ApiError("the answer tells of no key", status=200)


def _failure(
    error: ConnectorError | TimeoutError, host: str, own: bool, words: str
) -> tuple[State, str]:
    """Say what a failed test means, and the way out. `own` is a server that surely has a `/key`."""
    status = error.status if isinstance(error, ApiError) else None
    if isinstance(error, CredentialError):
        return "rejected", (
            f"{host} does not know this key: it is misspelt, disabled or deleted; look it up, or "
            f"make a new one, at {KEYS}"
        )
    if isinstance(error, PaymentError):
        return "noCredits", f"no credits are left for this key{words}; add some at {CREDITS}"
    if isinstance(error, ForbiddenError):
        return "forbidden", f"{host} refuses this key{words}; look up what it may do at {KEYS}"
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
            f"{host} does not answer as OpenRouter does{words}; check the base URL, which ends in "
            "/api/v1 there"
        )
    return "unverified", (
        f"{host} answered {status}{words}, so the key could not be proven; try again later"
    )


def _words(error: Exception, token: str | None) -> str:
    """Give what the server said, in brackets."""
    raw = error.raw if isinstance(error, ApiError) else None
    said = one_line(describe(error_of(raw)), token, 160)
    return f" ({said})" if said else ""


def _broke_off(error: Exception) -> bool:
    """Tell an answer that was cut off from one that came whole and is not JSON."""
    return isinstance(error, IncompleteError) and not isinstance(
        error.__cause__, ValueError | RecursionError | None
    )
