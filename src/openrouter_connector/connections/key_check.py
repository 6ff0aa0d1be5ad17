"""Check an API key by the request that the definition names for it.

For OpenRouter that is `GET /key`, which requires a valid key. Listing the models would not do: the
list is public. Other servers have no `/key`; there a list that is returned with the key, and
refused without it, verifies the key.
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

_LIST = "GET /models"  # every OpenAI-compatible server has it
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
    if fault := base_url_fault(base_url, token, allow_http=allow_http):
        return KeyReport("wrongHost", f"the base URL {fault}")
    if fault := token_fault(token, base_url):
        return KeyReport("malformed", f"the key {fault}")
    # Only these are known to have `/key`; its absence elsewhere proves nothing.
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
    except InputError as error:  # for example, the proxy in the environment is not a URL
        return KeyReport("wrongHost", to_one_line(error.message, token, 300))
    async with aclosing(transport):
        try:
            key = await _data(transport, component.connection.test)
        except (ConnectorError, TimeoutError) as error:
            failed = _failed(error, host, own, token)
            if own or not isinstance(error, ApiError) or error.status not in _NOT_SUPPORTED:
                return failed
            return await _check_by_list(transport, opened(None), failed, host, token)
        account = JsonObject()
        if request := component.connection.account:
            with suppress(ConnectorError, TimeoutError):  # most keys may not read the account
                account = await _data(transport, request)
    return read_key_report(key, account, token)


async def _data(transport: Transport, request: str) -> JsonObject:
    """Return the `data` of a response; raise ConnectorError or TimeoutError if there is none."""
    async with asyncio.timeout(_TOTAL_TIMEOUT), transport.open(call_of(request, {})) as response:
        body: Json = await response.json()
    if isinstance(body, dict) and isinstance(data := body.get("data"), dict):
        return data
    # Some servers answer an error with status 200.
    code = error_of(body).get("code")
    if isinstance(code, int) and 400 <= code < 600:
        raise refusal(code, body)
    raise ApiError("the response does not describe a key", status=200)


async def _check_by_list(
    transport: Transport, anonymous: Transport, failed: KeyReport, host: str, token: str | None
) -> KeyReport:
    """Check a key by the list of models: whether it is returned with the key, and without.

    `failed` is the report if the list fails too.
    """
    async with aclosing(anonymous):
        fault = await _list_error(transport)
        if isinstance(fault, CredentialError | ForbiddenError):
            return _failed(fault, host, False, token)
        if isinstance(fault, ApiError) and fault.status in _NOT_SUPPORTED:
            message = (
                f"{host} has no /key and no /models, so the key could not be verified; check the "
                f"base URL, which usually ends in /v1. {_FIRST_CALL}"
            )
            return KeyReport("unverified", message)
        if fault:
            return failed
        if token is None:
            message = f"{host} lists its models without a key. {_FIRST_CALL}"
            return KeyReport("unverified", message)
        if isinstance(await _list_error(anonymous), CredentialError):
            return KeyReport("ok", "the key works")
    message = f"{host} lists its models even without a key, so the key could not be verified"
    return KeyReport("unverified", f"{message}. {_FIRST_CALL}")


_FIRST_CALL = "The first call will show whether it works"


async def _list_error(transport: Transport) -> Exception | None:
    """Request the list of models, and return the error, if any."""
    try:
        async with asyncio.timeout(_TOTAL_TIMEOUT), transport.open(call_of(_LIST, {})) as response:
            body: Json = await response.json()
    except (ConnectorError, TimeoutError) as error:
        return error
    listed = isinstance(body.get("data") if isinstance(body, dict) else body, list)
    return None if listed else ApiError("the response is not a list of models", status=200)


def _failed(error: Exception, host: str, own: bool, token: str | None) -> KeyReport:
    if token is None and isinstance(error, CredentialError):
        return KeyReport("rejected", f"{host} requires a key; enter one")
    return KeyReport(*_explain(error, host, own, _details(error, token)))


def _explain(error: Exception, host: str, own: bool, details: str) -> tuple[State, str]:
    """Return what a failed check means, and what to do. An `own` server is known to have `/key`."""
    status = error.status if isinstance(error, ApiError) else None
    if isinstance(error, CredentialError):
        return "rejected", (
            f"{host} does not know this key: it is misspelled, disabled or deleted; check it, or "
            f"create a new one{_at(KEYS, own)}"
        )
    if isinstance(error, PaymentError):
        message = f"no credits are left for this key{details}; add some{_at(CREDITS, own)}"
        return "noCredits", message
    if isinstance(error, ForbiddenError):
        message = f"{host} refuses this key{details}; check its permissions{_at(KEYS, own)}"
        return "forbidden", message
    if status is None or _was_cut_off(error):
        return "offline", (
            f"{host} cannot be reached, or does not answer in time; check the network and the base "
            "URL, and try again"
        )
    if status in _NOT_SUPPORTED and not own:
        return "unverified", f"{host} has no /key, so the key could not be verified. {_FIRST_CALL}"
    # A page or a redirect instead of JSON: usually a base URL without /v1.
    if status in _NOT_SUPPORTED or 200 <= status < 400:
        return "wrongHost", (
            f"{host} does not answer like an OpenAI-compatible server{details}; check the base "
            "URL, which usually ends in /v1 (OpenRouter's ends in /api/v1)"
        )
    return "unverified", (
        f"{host} answered {status}{details}, so the key could not be verified; try again later"
    )


def _at(page: str, own: bool) -> str:
    """Name a page of OpenRouter, marked as such if the key belongs to another server."""
    return f" at {page}" if own else f" (for OpenRouter at {page})"


def _details(error: Exception, token: str | None) -> str:
    """Return the server's own message, in brackets."""
    raw = error.raw if isinstance(error, ApiError) else None
    message = to_one_line(describe(error_of(raw)), token, 160)
    return f" ({message})" if message else ""


def _was_cut_off(error: Exception) -> bool:
    """Return whether a response was cut off, rather than complete but not JSON."""
    return isinstance(error, IncompleteError) and not isinstance(
        error.__cause__, ValueError | RecursionError | None
    )
