"""Test a key by the request that the definition names, which requires a good key.

A public list would prove nothing. Another server that speaks the API may lack that request: there,
a list that is shown with the key and refused without it proves the key (`listTest`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from typing import NamedTuple

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
from ..runtime.api_profile import ApiProfile
from ..runtime.build import call_of
from ..runtime.http.api_errors import describe, error_of, refusal
from ..runtime.http.base_url import is_same_server
from ..runtime.http.transport import Timeouts, Transport
from ..values import Json, JsonObject, an_object
from .key_report import KeyReport, State, read_key_report, to_one_line
from .token_binding import written_host
from .validation import base_url_fault, token_fault

__all__ = ["KeyReport", "check_key"]

_NOT_SUPPORTED = (404, 405, 501)
_TOTAL_TIMEOUT = 30.0  # seconds for a whole response, also if it arrives byte by byte


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
    """Check a key at its server. Failures become a report, and are not raised.

    A malformed key or URL is reported before anything is sent. `base_url` defaults to the
    component's. With `allow_http`, the token may be sent unencrypted into a private network; with
    `public`, nothing is sent into one.
    """
    token = token.strip() if token else None
    base_url = base_url or component.base_url
    # Before anything is sent: the key must not travel to a mistyped host.
    if fault := base_url_fault(base_url, token, allow_http=allow_http):
        return KeyReport("wrongHost", f"the base URL {fault}")
    if fault := token_fault(token, base_url, component):
        return KeyReport("malformed", f"the key {fault}")
    timeouts = timeouts or Timeouts(connect=10, idle=10)

    def open_with(key: str | None) -> Transport:
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

    own, host = is_same_server(base_url, component.base_url), written_host(base_url)
    tested = _Tested(component, host, own, token, profile_for(component, base_url, token))
    try:
        return await _check_at_server(tested, open_with)
    except InputError as error:  # for example, the proxy in the environment is not a URL
        return KeyReport("wrongHost", to_one_line(error.message, token, 300))


async def _check_at_server(
    tested: _Tested, open_with: Callable[[str | None], Transport]
) -> KeyReport:
    component, token = tested.component, tested.token
    async with aclosing(open_with(token)) as transport:
        try:
            key = await _details(transport, component)
        except (ConnectorError, TimeoutError) as error:
            failed, request = tested.report_of(error), component.connection.list_test
            missing = isinstance(error, ApiError) and error.status in _NOT_SUPPORTED
            # The component's own server has `test`, so a missing one means a wrong base URL.
            if tested.own or not missing or not request:
                return failed
            # The second transport has no key: what it may read proves nothing.
            return await _check_by_list(request, transport, open_with(None), failed, tested)
        account: Json = None
        if component.connection.account:
            with suppress(ConnectorError, TimeoutError):  # most keys may not read the account
                account = await _get(transport, component.connection.account.request)
    return read_key_report(key, account, token, component.connection)


async def _details(transport: Transport, component: Component) -> JsonObject:
    """Return what a response says about the key. ConnectorError or TimeoutError without one."""
    connection, profile = component.connection, transport.profile
    body = await _get(transport, connection.test)
    details = at(body, connection.key_details.path) if connection.key_details else None
    if isinstance(details, dict):
        return details
    error = profile.error_of(body) or error_of(body)
    code = error.get("code")
    # Some servers refuse a key with status 200, and have the true one in the body.
    if isinstance(code, int) and 400 <= code < 600:
        raise refusal(code, body, profile=profile)
    if connection.key_details or profile.error_of(body) or an_object(body).get("error"):
        raise ApiError("the response does not describe a key", status=200)
    return {}


async def _get(transport: Transport, request: str) -> Json:
    """Return the body of a response, which must arrive in time as a whole."""
    async with (
        asyncio.timeout(_TOTAL_TIMEOUT),
        transport.open(call_of(request, {})) as response,
    ):
        return await response.json()


class _Tested(NamedTuple):
    """The key and server of a check, to explain its failure."""

    component: Component
    host: str
    own: bool
    """Whether it is the component's own server, which certainly has the request `test`."""
    token: str | None
    profile: ApiProfile

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
            return KeyReport("rejected", f"{self.host} requires a key; enter one")
        return KeyReport(*_explain(error, self, _quoted(error, self.token, self.profile)))

    def at(self, page: str | None) -> str:
        """Return where a page of the API is; for another server, say that it is not its own."""
        if not page:
            return ""
        return f" at {page}" if self.own else f" (for {self.component.title} at {page})"


async def _check_by_list(
    request: str, transport: Transport, anonymous: Transport, failed: KeyReport, tested: _Tested
) -> KeyReport:
    """Check a key by a list: whether it is returned with the key, and without.

    `failed` is the report if the list fails too.
    """
    host, path = tested.host, request.split(" ", 1)[1]
    async with aclosing(anonymous):
        fault = await _list_error(request, transport)
        # The list refuses the key, so this server does check keys.
        if isinstance(fault, CredentialError | ForbiddenError):
            return tested._replace(own=False).report_of(fault)
        if isinstance(fault, ApiError) and fault.status in _NOT_SUPPORTED:
            message = (
                f"{host} has no {tested.path} and no {path}, so the key could not be "
                f"verified; check the base URL ({tested.example}), or let the first call show "
                "whether it works"
            )
            return KeyReport("unverified", message)
        if fault:
            return failed
        if tested.token is None:
            message = (
                f"{host} returns {path} without a key; the first call will show whether it works"
            )
            return KeyReport("unverified", message)
        # Refused without the key and returned with it: that proves the key.
        if isinstance(await _list_error(request, anonymous), CredentialError):
            return KeyReport("ok", "the key works")
    message = f"{host} returns {path} even without a key, so the key could not be verified"
    return KeyReport("unverified", f"{message}; the first call will show whether it works")


async def _list_error(request: str, transport: Transport) -> Exception | None:
    """Fetch a list, and return the error, if any."""
    try:
        body = await _get(transport, request)
    except (ConnectorError, TimeoutError) as error:
        return error
    listed = isinstance(body.get("data") if isinstance(body, dict) else body, list)
    return None if listed else ApiError("the response is not a list", status=200)


def _explain(error: Exception, tested: _Tested, details: str) -> tuple[State, str]:
    """Return what a failed test means, and the way out."""
    status, host = error.status if isinstance(error, ApiError) else None, tested.host
    connection = tested.component.connection
    if isinstance(error, CredentialError):
        return "rejected", (
            f"{host} does not know this key: it is misspelled, disabled or deleted; check it, or "
            f"create a new one{tested.at(connection.help)}"
        )
    if isinstance(error, PaymentError):
        message = f"no credits are left for this key{details}; add some"
        return "noCredits", f"{message}{tested.at(connection.credits)}"
    if isinstance(error, ForbiddenError):
        message = f"{host} refuses this key{details}; check what it may do"
        return "forbidden", f"{message}{tested.at(connection.help)}"
    if status is None or _was_cut_off(error):
        return "offline", (
            f"{host} cannot be reached or does not respond in time; check the network and the base "
            "URL, and try again"
        )
    if status in _NOT_SUPPORTED and not tested.own:
        message = f"{host} has no {tested.path}, so the key could not be verified"
        return "unverified", f"{message}; the first call will show whether it works"
    if status in _NOT_SUPPORTED or 200 <= status < 400:
        message = f"{host} does not answer as {tested.component.title} does{details}"
        return "wrongHost", f"{message}; check the base URL ({tested.example})"
    return "unverified", (
        f"{host} answered {status}{details}, so the key could not be verified; try again later"
    )


def _quoted(error: Exception, token: str | None, profile: ApiProfile) -> str:
    """Return what the server said, in brackets."""
    raw = error.raw if isinstance(error, ApiError) else None
    details = profile.error_of(raw) or error_of(raw)
    message = to_one_line(describe(details, profile), token, 160)
    return f" ({message})" if message else ""


def _was_cut_off(error: Exception) -> bool:
    """Return whether a response was cut off, rather than complete but not JSON."""
    return isinstance(error, IncompleteError) and not isinstance(
        error.__cause__, ValueError | RecursionError | None
    )
