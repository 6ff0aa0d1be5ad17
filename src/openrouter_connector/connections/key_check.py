"""Test a key by the request that the definition names, which requires a good key.

A public list would prove nothing. Another server that speaks the API may lack that request: there,
a list that is shown with the key and refused without it proves the key (`listTest`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from ..definition.model import Component
from ..definition.paths import at
from ..errors import (
    ApiError,
    ConnectorError,
    CredentialError,
    ForbiddenError,
    IncompleteError,
    InputError,
    PaymentError,
)
from ..openrouter import profile_for
from ..runtime.build import call_of
from ..runtime.http.api_errors import describe, error_of, refusal
from ..runtime.http.base_url import is_same_server
from ..runtime.http.transport import Timeouts, Transport
from ..values import Json, JsonObject, an_object
from .key_report import KeyReport, State, one_line, report
from .validation import base_url_fault, token_fault

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
    if fault := token_fault(token, base_url, component):
        return KeyReport("malformed", f"the key {fault}")
    own = is_same_server(base_url, component.base_url)
    host = urlsplit(base_url).hostname or ""
    timeouts = timeouts or Timeouts(connect=10, idle=10)

    def opened(key: str | None) -> Transport:
        return Transport(
            base_url,
            key,
            profile=profile_for(component, base_url, key),
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
        return KeyReport("wrongHost", one_line(error.message, token, 300))
    async with aclosing(transport):
        try:
            key = await _details(transport, component)
        except (ConnectorError, TimeoutError) as error:
            tested = _Tested(component, host, own, token)
            failed, line = tested.report_of(error), component.connection.list_test
            missing = isinstance(error, ApiError) and error.status in _NO_SUCH_PLACE
            if own or not missing or not line:
                return failed
            return await _by_list(line, transport, opened(None), failed, tested)
        account = JsonObject()
        if line := component.connection.account:
            with suppress(ConnectorError, TimeoutError):  # ordinary keys may not ask, as a rule
                account = await _details(transport, component, line)
    return report(key, account, token, component.connection)


async def _details(
    transport: Transport, component: Component, line: str | None = None
) -> JsonObject:
    """Return what a response says of the key; a ConnectorError or TimeoutError if there is none."""
    connection = component.connection
    call = call_of(line or connection.test, {})
    async with asyncio.timeout(_WITHIN), transport.open(call) as response:
        body: Json = await response.json()
    details = at(body, connection.key_details) if connection.key_details else None
    if isinstance(details, dict):
        return details
    error = transport.profile.error_of(body) or error_of(body)
    code = error.get("code")
    if isinstance(code, int) and 400 <= code < 600:
        raise refusal(code, body, profile=transport.profile)
    if connection.key_details or transport.profile.error_of(body) or an_object(body).get("error"):
        raise ApiError("the response does not describe a key", status=200)
    return {}


class _Tested(NamedTuple):
    """The key and the server of a test, to say what a failure means."""

    component: Component
    host: str
    own: bool
    """Whether it is the component's own server, which surely has the request `test`."""
    token: str | None

    @property
    def path(self) -> str:
        """The path of the request `test`."""
        return self.component.connection.test.split(" ", 1)[1]

    @property
    def example(self) -> str:
        """The base URL of the component's own server, to compare with."""
        return f"{self.component.title}'s is {self.component.base_url}"

    def report_of(self, error: Exception) -> KeyReport:
        """Return the report for a failed test."""
        if self.token is None and isinstance(error, CredentialError):
            return KeyReport("rejected", f"{self.host} wants a key, and none is given")
        return KeyReport(*_failure(error, self, _words(error, self.token)))

    def at(self, page: str | None) -> str:
        """Name a page of the API, which is no help with the key of another server."""
        if not page:
            return ""
        return f" at {page}" if self.own else f" (for {self.component.title} at {page})"


async def _by_list(
    line: str, transport: Transport, stranger: Transport, failed: KeyReport, tested: _Tested
) -> KeyReport:
    """Judge a key by a list: whether it is shown with the key, and without one.

    `failed` is the report when there is no such list.
    """
    host, path = tested.host, line.split(" ", 1)[1]
    async with aclosing(stranger):
        fault = await _fault_of_list(line, transport)
        if isinstance(fault, CredentialError | ForbiddenError):
            return tested._replace(own=False).report_of(fault)
        if isinstance(fault, ApiError) and fault.status in _NO_SUCH_PLACE:
            message = (
                f"{host} has no {tested.path} and no {path}, so the key could not be proven; check "
                f"the base URL ({tested.example}), or the first call will tell"
            )
            return KeyReport("unverified", message)
        if fault:
            return failed
        if tested.token is None:
            message = f"{host} shows {path} without a key; whether it answers, a call will tell"
            return KeyReport("unverified", message)
        if isinstance(await _fault_of_list(line, stranger), CredentialError):
            return KeyReport("ok", "the key works")
    message = f"{host} shows {path} to anybody, so the key could not be proven"
    return KeyReport("unverified", f"{message}; the first call will tell")


async def _fault_of_list(line: str, transport: Transport) -> Exception | None:
    """Fetch a list, and return what went wrong."""
    try:
        async with asyncio.timeout(_WITHIN), transport.open(call_of(line, {})) as response:
            body: Json = await response.json()
    except (ConnectorError, TimeoutError) as error:
        return error
    listed = isinstance(body.get("data") if isinstance(body, dict) else body, list)
    return None if listed else ApiError("the response is not a list", status=200)


def _failure(error: Exception, tested: _Tested, words: str) -> tuple[State, str]:
    """Return what a failed test means, and the way out."""
    status, host = error.status if isinstance(error, ApiError) else None, tested.host
    connection = tested.component.connection
    if isinstance(error, CredentialError):
        return "rejected", (
            f"{host} does not know this key: it is misspelt, disabled or deleted; look it up, or "
            f"make a new one{tested.at(connection.help)}"
        )
    if isinstance(error, PaymentError):
        message = f"no credits are left for this key{words}; add some"
        return "noCredits", f"{message}{tested.at(connection.credits)}"
    if isinstance(error, ForbiddenError):
        message = f"{host} refuses this key{words}; look up what it may do"
        return "forbidden", f"{message}{tested.at(connection.help)}"
    if status is None or _broke_off(error):
        return "offline", (
            f"{host} cannot be reached, or does not answer in time; check the network and the base "
            "URL, and try again"
        )
    if status in _NO_SUCH_PLACE and not tested.own:
        message = f"{host} has no {tested.path}, so the key could not be proven"
        return "unverified", f"{message}; the first call will tell"
    if status in _NO_SUCH_PLACE or 200 <= status < 400:
        message = f"{host} does not answer as {tested.component.title} does{words}"
        return "wrongHost", f"{message}; check the base URL ({tested.example})"
    return "unverified", (
        f"{host} answered {status}{words}, so the key could not be proven; try again later"
    )


def _words(error: Exception, token: str | None) -> str:
    """Return what the server said, in brackets."""
    raw = error.raw if isinstance(error, ApiError) else None
    said = one_line(describe(error_of(raw)), token, 160)
    return f" ({said})" if said else ""


def _broke_off(error: Exception) -> bool:
    """Tell an answer that was cut off from one that came whole and is not JSON."""
    return isinstance(error, IncompleteError) and not isinstance(
        error.__cause__, ValueError | RecursionError | None
    )
