"""Send calls over HTTP, and retry only what surely was not served, so that nothing is paid twice.

`open` returns a response as soon as its headers arrive; the caller reads the body. `retry.py`
decides what may be sent again.

The API is httpx's. For many calls the engine below is aiohttp: httpx starts faster, but the cost of
its connection pool grows with the square of the concurrency (see `benchmarks/`). Any other
`httpx.AsyncBaseTransport` can be passed in.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from ...errors import (
    ApiError,
    ConnectorError,
    IncompleteError,
    InputError,
    Problem,
    UnavailableError,
)
from ...secret import Redactor
from ...values import Call, Json
from ..api_profile import NEUTRAL, ApiProfile
from . import backends
from .api_errors import refusal
from .base_url import OVERHEARD
from .identity import digest
from .loopback import is_loopback
from .proxies import proxy_for
from .request import Requests, Upload, secret_values, server_headers, server_url
from .response import (
    BROKEN,
    Response,
    TotalTimeout,
    Wait,
    body_of,
    hidden_json,
    limited,
    response_id,
)
from .retry import (
    ATTEMPTS,
    LONGEST_WAIT,
    RetryableError,
    is_unserved,
    may_be_served,
    retrying,
)
from .unanswered import lost, unreachable

_log = logging.getLogger(__name__)

_BUFFERED = 64 * 1024  # bytes that the operating system takes at once, so no timer is needed
_TOTAL = 3600.0  # seconds for a whole call, retries included
_SLOWEST = 50_000  # bytes per second; a slower upload counts as stalled


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Timeouts in seconds: to connect, between two bytes of a response, and for the whole call.

    `total` defaults to one hour, or to twice `idle` if that is longer.
    """

    connect: float = 10
    idle: float = 300
    total: float | None = None


class Transport:
    """A connection pool to one server, with one token."""

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        profile: ApiProfile = NEUTRAL,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        attempts: int = ATTEMPTS,
        concurrent: bool = True,
        public: bool = False,
        allow_http: bool = False,
        backend: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare to send; nothing is opened yet. InputError for a base URL that cannot be used.

        `public` refuses servers in private networks. `allow_http` permits an unencrypted token,
        and then only to private addresses.
        """
        self._base = server_url(base_url)
        # Over plain http anybody on the way reads the key, and this machine alone has no way. A
        # backend that was handed in is a test's or a host's own, which opens no socket of ours.
        overheard = bool(token) and backend is None and _is_overheard(self._base)
        if overheard and (public or not allow_http):
            raise InputError([Problem("base URL", OVERHEARD)])
        own_headers, timeouts = headers or {}, timeouts or Timeouts()
        self.identity = digest(str(self._base), token or "")
        """A hash of server and token: it keys caches, and reveals neither."""
        self.redactor = Redactor(token, *secret_values(own_headers))
        """Redacts the token and secret headers from whatever the server sends back."""
        self.profile = profile
        """What is true of the API of this server."""
        self._with_key = bool(token)
        raw_headers = server_headers(self._base, token, own_headers, profile)
        limits = {"connect": timeouts.connect, "read": timeouts.idle, "pool": None}
        self._requests = Requests(self._base, raw_headers, limits)
        self._idle = timeouts.idle
        # A model may think for minutes before its first byte, so `idle` can be set above an hour.
        self._total = timeouts.total or max(_TOTAL, 2 * timeouts.idle)
        # An engine that checks addresses resolves names itself: behind a proxy it could not.
        self._proxy = None if overheard or public or backend else proxy_for(self._base)
        engine = _engine(concurrent=concurrent, public=public, overheard=overheard)
        self._backend = backend or engine(self._base, self._proxy)
        if overheard:
            _log.warning("the token goes to %s unencrypted; others may read it there", base_url)
        self._retrying = retrying(attempts)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._backend.aclose()

    @asynccontextmanager
    async def open(self, call: Call, *, again: bool = True) -> AsyncIterator[Response]:
        """Send a call and return its response, which is closed at the end of the block.

        With `again=False` it is never retried. Raises ApiError or CredentialError for an error
        status, UnavailableError when no response arrived.
        """
        # One deadline for all attempts: retries must not add up to hours.
        until = asyncio.get_running_loop().time() + self._total
        wait = Wait(self._idle, self._total, until)
        try:
            response, attempts = await self._served(call, again, wait)
            try:
                yield Response(response, attempts, wait, self.redactor, self.profile)
            finally:
                await response.aclose()
        except Exception as error:
            self.redactor.raise_redacted(error)

    async def _served(self, call: Call, again: bool, wait: Wait) -> tuple[httpx.Response, int]:
        """Send a call, retry where that is safe, and return the response and the attempts."""
        request = self._requests.build(call)
        attempts, failed = 0, list[RetryableError]()

        async def attempt() -> httpx.Response:
            nonlocal attempts
            # tenacity calls this again for the first attempt, which was made already: raise its
            # failure.
            if failed:
                raise failed.pop()
            attempts += 1
            return await self._attempt(call, request, wait)

        try:
            try:
                return await attempt(), attempts
            except RetryableError as first:
                if not again:
                    raise
                # tenacity only after a failure: it costs a fifth of the time of a good call.
                failed.append(first)
                return await self._retrying(attempt), attempts
        except RetryableError as last:
            # Without the wrapper: callers know only our own errors.
            raise _counted(last.error, attempts) from last.__cause__
        except ConnectorError as error:
            raise _counted(error, attempts) from error.__cause__

    async def _attempt(self, call: Call, request: httpx.Request, wait: Wait) -> httpx.Response:
        try:
            response = await self._answered(request, wait)
        # The server got no byte of the request, so a retry cannot be billed twice.
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            failed = unreachable(self._base, self._proxy, error)
            raise (RetryableError(failed, wait) if failed.retryable else failed) from error
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            raise UnavailableError(f"the call could not be sent, and was not: {error}") from error
        except httpx.TransportError as error:
            # The file that was being uploaded could not be read: the network is not to blame.
            if own := _own(error):
                raise own from None
            failed = lost(error, wait, call.method)
            raise (RetryableError(failed, wait) if failed.retryable else failed) from error
        # 304 answers a list that was requested with its ETag, and has no body.
        if response.status_code < 300 or response.status_code == 304:
            return response
        try:
            refused = await self._refused(response, call, wait)
        finally:
            await response.aclose()
        if is_unserved(call, response) and isinstance(refused, ApiError) and refused.retryable:
            raise RetryableError(refused, wait)
        refused.may_be_charged = may_be_served(call, response)
        raise refused

    async def _answered(self, request: httpx.Request, wait: Wait) -> httpx.Response:
        """Send a request. Gives up on a server that stops reading: no backend has this timeout."""
        stream, seconds = request.stream, self._idle + 1
        clock = asyncio.get_running_loop().time
        # A small body fits into the buffer of the operating system, where no server can stall it.
        watched = isinstance(stream, Upload) or len(request.content) > _BUFFERED
        if watched and not isinstance(stream, Upload):
            seconds += len(request.content) / _SLOWEST  # how much of it was sent is not reported
        until = min(wait.until, clock() + seconds) if watched else wait.until
        try:
            async with asyncio.timeout_at(until) as watch:
                if isinstance(stream, Upload):
                    stream.moved = partial(_postpone, watch, seconds, wait.until)
                return await self._backend.handle_async_request(request)
        except TimeoutError as error:
            # Both timers raise TimeoutError, and only the clock tells which one it was.
            if clock() >= wait.until:
                raise TotalTimeout("the total timeout is over") from error
            raise httpx.WriteTimeout("the server stopped reading") from error

    async def _refused(self, response: httpx.Response, call: Call, wait: Wait) -> ConnectorError:
        """Return the error that an error response describes."""
        body = bytearray()
        try:
            # An error page may be endless; its first megabyte holds any message.
            await limited(body_of(response, wait), 1024 * 1024, response.status_code, body)
        except BROKEN:
            pass  # the part that arrived may hold the message
        except IncompleteError:
            body.clear()
        raw = bytes(body)
        # A redirect would carry the key to another place, and a POST would become a GET.
        if 300 <= response.status_code < 400:
            place = response.headers.get("location", "").split("?")[0] or "elsewhere"
            message = f"the server redirects to {place}, which is not followed; check the base URL"
            raw = json.dumps({"error": message}).encode()
        # With http the proxy answers in place of the server, with its own status.
        if response.status_code == 407 and self._proxy:
            return unreachable(self._base, self._proxy, httpx.ProxyError("407"))
        return refusal(
            response.status_code,
            _json_or_text(raw, response, self.redactor),
            by_id=_names_id(call),
            profile=self.profile,
            with_key=self._with_key,
            headers=response.headers,
            longest_wait=LONGEST_WAIT,
            generation_id=response_id(response, self.profile, self.redactor.redact_bytes),
        )


def _names_id(call: Call) -> bool:
    """Return whether a call is about a record with an id, and not about a model."""
    if call.method != "POST" or not call.body:
        return True
    has_id = any(key.endswith("_id") for key in call.body)
    return has_id and not {"model", "models"} & call.body.keys()


def _postpone(watch: asyncio.Timeout, seconds: float, last: float) -> None:
    # Each chunk that leaves proves that the server still reads, so the timer starts anew.
    watch.reschedule(min(asyncio.get_running_loop().time() + seconds, last))


def _engine(*, concurrent: bool, public: bool, overheard: bool) -> backends.Backend:
    """Return what makes the engine; one that guards addresses wins over one that is quick."""
    if overheard:
        return backends.private
    if public:
        return backends.public
    return backends.pooled if concurrent else backends.single


def _is_overheard(base: httpx.URL) -> bool:
    return base.scheme == "http" and not is_loopback(base.host)


def _counted(error: ConnectorError, attempts: int) -> ConnectorError:
    if isinstance(error, ApiError):
        error.attempts = attempts
    return error


def _own(error: BaseException | None) -> ConnectorError | None:
    """Return our own error behind a failed upload: the file became unreadable, not the server."""
    while error:
        if isinstance(error, ConnectorError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _json_or_text(raw: bytes, response: httpx.Response, redactor: Redactor) -> Json:
    try:
        return hidden_json(raw, response, redactor)
    except (ValueError, RecursionError):
        short = " ".join(redactor.redact_bytes(raw).decode(errors="replace").split())[:300]
        return {"error": short} if short and not short.startswith("<") else None
