"""Send calls over HTTP, and retry only what surely was not served, so that nothing is paid twice.

`open` returns a response as soon as its headers arrive; the caller reads the body. The API is
httpx's, the engine below is aiohttp when there are many calls: httpx starts faster, but the cost of
its connection pool grows with the square of the concurrency (see `benchmarks/`). Any other
`httpx.AsyncBaseTransport` can be passed in.

A call is retried after a failed connection, 429, 503, 529, or a 502 that the API itself sent and
not a proxy. A call whose response was lost may have been billed, so it is not retried.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache, partial

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random,
    wait_random_exponential,
)

from ...errors import (
    ApiError,
    ConnectorError,
    IncompleteError,
    InputError,
    Problem,
    UnavailableError,
)
from ...secret import Hiding, SecretBytes
from ...values import Call, Json
from ..catalogue.cache import key_of
from . import backends
from .api_errors import refusal, ways_out_at
from .base_url import NO_ADDRESS, OVERHEARD, address_fault
from .body import Body, encode, encode_form
from .decoding import ACCEPTED
from .headers import NO_HEADER, fits_header
from .hosts import normal_host
from .loopback import is_loopback
from .proxies import proxy_for
from .response import (
    BROKEN,
    Response,
    TotalTimeout,
    Wait,
    body_of,
    generation_id_of,
    hidden_json,
    limited,
)
from .unanswered import lost, unreachable

_log = logging.getLogger(__name__)

ATTEMPTS = 4
LONGEST_WAIT = 60.0  # seconds; a call is not retried if the server asks for a longer delay
_BUFFERED = 64 * 1024  # bytes that the operating system takes at once, so no timer is needed
_TOTAL = 3600.0  # seconds for a whole call, retries included
_SLOWEST = 50_000  # bytes per second; a slower upload counts as stalled
_UNSERVED = {429, 502, 503, 529}
_DOUBTFUL = {408, 500, 504, 524}
_BACKOFF = wait_random_exponential(multiplier=0.5, max=8)
_SECRET_NAME = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)
_JITTER = wait_random(0.02, 0.3)  # so that clients told the same second do not return together


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
        self._base = _address(base_url)
        overheard = bool(token) and backend is None and _is_overheard(self._base)
        if overheard and (public or not allow_http):
            raise InputError([Problem("base URL", OVERHEARD)])
        self.identity = key_of(str(self._base), token or "")
        """A hash of server and token: it keys caches, and reveals neither."""
        self._url = lru_cache(256)(self._joined)
        self.hiding = Hiding(token, *_secret_values(headers or {}))
        """Redacts the token and secret headers from whatever the server sends back."""
        self._ways_out = ways_out_at(base_url, token)
        given = dict(headers or {})
        if bad := [name for name in given if not fits_header(f"{name}{given[name]}")]:
            raise InputError([Problem(name, NO_HEADER) for name in bad])
        sent = httpx.Headers(
            {
                "host": self._base.netloc.decode(),
                "accept": "*/*",
                "accept-encoding": ACCEPTED,
                "user-agent": "openrouter-connector",
                **{name.lower(): value for name, value in given.items()},
                **({"authorization": f"Bearer {token}"} if token else {}),
            }
        )
        self._headers: list[tuple[bytes, bytes]] = [
            (name, SecretBytes(value)) for name, value in sent.raw
        ]
        timeouts = timeouts or Timeouts()
        self._timeout = {"connect": timeouts.connect, "read": timeouts.idle, "pool": None}
        self._idle = timeouts.idle
        self._total = timeouts.total or max(_TOTAL, 2 * timeouts.idle)
        kind = backends.pooled if concurrent else backends.single
        kind = backends.private if overheard else backends.public if public else kind
        guarded = overheard or public
        self._proxy = None if guarded or backend else proxy_for(self._base)
        self._backend = backend or kind(self._base, self._proxy)
        if overheard:
            _log.warning("the token goes to %s unencrypted; others may read it there", base_url)
        self._retrying = AsyncRetrying(
            stop=stop_after_attempt(attempts),
            wait=_wait,
            retry=retry_if_exception(_is_in_time),
            reraise=True,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._backend.aclose()

    @asynccontextmanager
    async def open(self, call: Call, *, again: bool = True) -> AsyncIterator[Response]:
        """Send a call and return its response, which is closed at the end of the block.

        With `again=False` it is never retried. Raises ApiError or CredentialError for an error
        status, UnavailableError when no response arrived.
        """
        until = asyncio.get_running_loop().time() + self._total
        wait = Wait(self._idle, self._total, until)
        try:
            response, attempts = await self._served(call, again, wait)
            try:
                yield Response(response, attempts, wait, self.hiding)
            finally:
                await response.aclose()
        except Exception as error:
            self.hiding.reraise(error)

    async def _served(self, call: Call, again: bool, wait: Wait) -> tuple[httpx.Response, int]:
        """Send a call, retry where that is safe, and return the response and the attempts."""
        request = self._request(call)
        attempts, failed = 0, list[_AgainError]()

        async def attempt() -> httpx.Response:
            nonlocal attempts
            if failed:
                raise failed.pop()
            attempts += 1
            return await self._attempt(call, request, wait)

        try:
            try:
                return await attempt(), attempts
            except _AgainError as first:
                if not again:
                    raise
                # tenacity only after a failure: it costs a fifth of the time of a good call.
                failed.append(first)
                return await self._retrying(attempt), attempts
        except _AgainError as last:
            raise _counted(last.error, attempts) from last.__cause__
        except ConnectorError as error:
            raise _counted(error, attempts) from error.__cause__

    def _request(self, call: Call) -> httpx.Request:
        # Built without httpx.Client, which would add redirects, authentication and cookies that we
        # never want. Raw headers and a stream leave httpx nothing to derive: half the time.
        url = self._url(call.path)
        url = url.copy_merge_params(call.query) if call.query else url
        write = encode_form if call.multipart else encode
        body = b"" if call.body is None else write(call.body)
        size, headers = (len(body) if isinstance(body, bytes) else body.size), self._headers
        if call.headers:
            own = httpx.Headers(call.headers)
            headers = [(name, value) for name, value in headers if name.decode() not in own]
            headers += own.raw
        if size:
            kind = b"application/json" if isinstance(body, bytes) else body.content_type.encode()
            length = (b"content-length", b"%d" % size)
            headers = [*headers, (b"content-type", kind), length]
        stream = httpx.ByteStream(body) if isinstance(body, bytes) else _Stream(body)
        timeouts = {"timeout": self._timeout}
        request = httpx.Request(
            call.method, url, headers=headers, stream=stream, extensions=timeouts
        )
        if isinstance(body, bytes):
            request.read()
        return request

    def _joined(self, path: str) -> httpx.URL:
        prefix = self._base.raw_path.decode().rstrip("/")
        return self._base.copy_with(raw_path=f"{prefix}{path}".encode())

    async def _attempt(self, call: Call, request: httpx.Request, wait: Wait) -> httpx.Response:
        try:
            response = await self._answered(request, wait)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            failed = unreachable(self._base, self._proxy, error)
            raise (_AgainError(failed, wait) if failed.retryable else failed) from error
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            raise UnavailableError(f"the call could not be sent, and was not: {error}") from error
        except httpx.TransportError as error:
            if own := _own(error):
                raise own from None
            failed = lost(error, wait, call.idempotent)
            raise (_AgainError(failed, wait) if call.idempotent else failed) from error
        if response.status_code < 300 or response.status_code == 304:
            return response
        try:
            refused = await self._refused(response, call.method, wait)
        finally:
            await response.aclose()
        if _is_unserved(call, response) and isinstance(refused, ApiError) and refused.retryable:
            raise _AgainError(refused, wait)
        raise refused

    async def _answered(self, request: httpx.Request, wait: Wait) -> httpx.Response:
        """Send a request. Gives up on a server that stops reading: no backend has this timeout."""
        stream, seconds = request.stream, self._idle + 1
        clock = asyncio.get_running_loop().time
        watched = isinstance(stream, _Stream) or len(request.content) > _BUFFERED
        if watched and not isinstance(stream, _Stream):
            seconds += len(request.content) / _SLOWEST  # how much of it was sent is not reported
        until = min(wait.until, clock() + seconds) if watched else wait.until
        try:
            async with asyncio.timeout_at(until) as watch:
                if isinstance(stream, _Stream):
                    stream.moved = partial(_postpone, watch, seconds, wait.until)
                return await self._backend.handle_async_request(request)
        except TimeoutError as error:
            if clock() >= wait.until:
                raise TotalTimeout("the total timeout is over") from error
            raise httpx.WriteTimeout("the server stopped reading") from error

    async def _refused(self, response: httpx.Response, method: str, wait: Wait) -> ConnectorError:
        """Return the error that an error response describes."""
        body = bytearray()
        try:
            await limited(body_of(response, wait), 1024 * 1024, response.status_code, body)
        except BROKEN:
            pass  # the part that arrived may hold the message
        except IncompleteError:
            body.clear()
        raw = bytes(body)
        if 300 <= response.status_code < 400:
            place = response.headers.get("location", "").split("?")[0] or "elsewhere"
            message = f"the server redirects to {place}, which is not followed; check the base URL"
            raw = json.dumps({"error": message}).encode()
        if response.status_code == 407 and self._proxy:
            return unreachable(self._base, self._proxy, httpx.ProxyError("407"))
        return refusal(
            response.status_code,
            _json_or_text(raw, response, self.hiding),
            method=method,
            ways_out=self._ways_out,
            headers=response.headers,
            longest_wait=LONGEST_WAIT,
            generation_id=generation_id_of(response, self.hiding.in_bytes),
        )


class _AgainError(Exception):
    """A failure after which the same call may be retried."""

    def __init__(self, error: ConnectorError, wait: Wait) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


class _Stream(httpx.AsyncByteStream):
    """A body that is read from its start for each attempt and reports every chunk sent."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.moved: Callable[[], None] = lambda: None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._body.chunks()) as chunks:
            async for chunk in chunks:
                self.moved()
                yield chunk


def _postpone(watch: asyncio.Timeout, seconds: float, last: float) -> None:
    watch.reschedule(min(asyncio.get_running_loop().time() + seconds, last))


def _is_in_time(error: BaseException) -> bool:
    """Return whether a retry could still start before the total timeout."""
    if not isinstance(error, _AgainError):
        return False
    asked = getattr(error.error, "retry_after", None) or 0
    return asyncio.get_running_loop().time() + asked < error.wait.until


def _is_unserved(call: Call, response: httpx.Response) -> bool:
    """Return whether an error status shows that the call was not served, and so not billed."""
    if call.idempotent:
        return response.status_code in _UNSERVED | _DOUBTFUL
    # A proxy that lost its connection to the server sends 502 too, as HTML: the call may have been
    # served, and billed.
    lost = response.status_code == 502 and "json" not in response.headers.get("content-type", "")
    return response.status_code in _UNSERVED and not lost


def _address(base_url: str) -> httpx.URL:
    fault = address_fault(base_url)
    try:
        if fault is None and (url := httpx.URL(base_url.rstrip("/"))).host:
            host = normal_host(url.host)
            return url if host == url.host else url.copy_with(host=host)
    except (httpx.InvalidURL, ValueError):  # ValueError: characters that no host has
        fault = NO_ADDRESS
    raise InputError([Problem("base URL", fault or NO_ADDRESS)])


def _is_overheard(base: httpx.URL) -> bool:
    return base.scheme == "http" and not is_loopback(base.host)


def _wait(state: RetryCallState) -> float:
    again = state.outcome.exception() if state.outcome else None
    asked = getattr(getattr(again, "error", None), "retry_after", None)
    return _BACKOFF(state) if asked is None else float(asked) + _JITTER(state)


def _secret_values(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of headers whose name says that they are secret: `x-api-key`, `Cookie`."""
    for name, value in headers.items():
        if _SECRET_NAME.search(name):
            yield value
            yield value.rpartition(" ")[2]  # without `Bearer`


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


def _json_or_text(raw: bytes, response: httpx.Response, hiding: Hiding) -> Json:
    try:
        return hidden_json(raw, response, hiding)
    except (ValueError, RecursionError):
        short = " ".join(hiding.in_bytes(raw).decode(errors="replace").split())[:300]
        return {"error": short} if short and not short.startswith("<") else None
