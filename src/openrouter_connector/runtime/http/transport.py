"""The one door to the network: httpx, with retries that never pay twice.

`open` sends a call and gives the reply as soon as its headers are good; its body is read by
whoever asked. What lies below httpx's API is aiohttp, by the figures in `benchmarks/`: stock httpx
starts sooner, and serves a single call, but its pool is quadratic. Any other
`httpx.AsyncBaseTransport` can be handed in.

A call is sent again only if it surely was not served: no connection, or 429, 502, 503, 529, where
a 502 is the API's own and no page of a proxy. One whose answer was lost may have been paid for, and
is sent again only if it is idempotent.
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
from ..api_profile import NEUTRAL, ApiProfile
from ..catalogue.cache import key_of
from . import backends
from .api_errors import refusal
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
    hidden_json,
    limited,
    response_id,
)
from .unanswered import lost, unreachable

_log = logging.getLogger(__name__)

ATTEMPTS = 4
LONGEST_WAIT = 60.0  # seconds; a server that asks for more is not waited for
_AT_ONCE = 64 * 1024  # bytes that are gone as soon as they are sent, wherever they wait
_TOTAL = 3600.0  # seconds for a call in all
_SLOWEST = 50_000  # bytes a second of a line that works
_UNSERVED = {429, 502, 503, 529}
_DOUBTFUL = {408, 500, 504, 524}
_BACKOFF = wait_random_exponential(multiplier=0.5, max=8)
_SECRET_NAME = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)
_JITTER = wait_random(0.02, 0.3)  # many who are told the same second do not come back at once


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection, for the next byte of an answer, and for a call in all.

    Without `total` that is an hour, or twice `idle` where it is longer.
    """

    connect: float = 10
    idle: float = 300
    total: float | None = None


class Transport:
    """Calls to one server with one token."""

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
        """Send to this server. With `public` its address must be a public one (InputError).

        With `allow_http` a token may go unencrypted, to addresses of private networks only.
        """
        self._base = _address(base_url)
        overheard = bool(token) and backend is None and _is_overheard(self._base)
        if overheard and (public or not allow_http):
            raise InputError([Problem("base URL", OVERHEARD)])
        self.identity = key_of(str(self._base), token or "")
        """What tells this server and key from others, and gives neither away."""
        self._url = lru_cache(256)(self._joined)
        self.hiding = Hiding(token, *_secret_values(headers or {}))
        """What hides the key, and what else is secret in the headers."""
        self.profile = profile
        """What is true of the API of this server."""
        self._with_key = bool(token)
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
                **({profile.key_header: f"{profile.key_scheme} {token}".strip()} if token else {}),
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
        """Send a call and give its reply, which is closed at the end of the block.

        Without `again` it is sent once, whatever comes. Raises the ApiError, or CredentialError,
        that a refusal stands for.
        """
        until = asyncio.get_running_loop().time() + self._total
        wait = Wait(self._idle, self._total, until)
        try:
            response, attempts = await self._served(call, again, wait)
            try:
                yield Response(response, attempts, wait, self.hiding, self.profile)
            finally:
                await response.aclose()
        except Exception as error:
            self.hiding.reraise(error)

    async def _served(self, call: Call, again: bool, wait: Wait) -> tuple[httpx.Response, int]:
        """Send a call, again where that is safe, and give its answer and how often it was sent."""
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
                # Only now, since tenacity takes a fifth of the time of a call that is served.
                failed.append(first)
                return await self._retrying(attempt), attempts
        except _AgainError as last:
            raise _counted(last.error, attempts) from last.__cause__
        except ConnectorError as error:
            raise _counted(error, attempts) from error.__cause__

    def _request(self, call: Call) -> httpx.Request:
        # Built and sent without httpx.Client: nothing here redirects, authenticates anew or keeps
        # cookies. With raw headers and a stream httpx has nothing to derive, and half is saved.
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
        """Send a request; no backend watches over a server that stops reading, so this does."""
        stream, seconds = request.stream, self._idle + 1
        clock = asyncio.get_running_loop().time
        watched = isinstance(stream, _Stream) or len(request.content) > _AT_ONCE
        if watched and not isinstance(stream, _Stream):
            seconds += len(request.content) / _SLOWEST  # nobody tells how much of it is gone
        until = min(wait.until, clock() + seconds) if watched else wait.until
        try:
            async with asyncio.timeout_at(until) as watch:
                if isinstance(stream, _Stream):
                    stream.moved = partial(_postpone, watch, seconds, wait.until)
                return await self._backend.handle_async_request(request)
        except TimeoutError as error:
            if clock() >= wait.until:
                raise TotalTimeout("the time is over") from error
            raise httpx.WriteTimeout("the server does not read on") from error

    async def _refused(self, response: httpx.Response, method: str, wait: Wait) -> ConnectorError:
        """Read what a refusal says."""
        body = bytearray()
        try:
            await limited(body_of(response, wait), 1024 * 1024, response.status_code, body)
        except BROKEN:
            pass  # what came says perhaps enough
        except IncompleteError:
            body.clear()
        raw = bytes(body)
        if 300 <= response.status_code < 400:
            place = response.headers.get("location", "").split("?")[0] or "elsewhere"
            told = f"the server redirects to {place}, where nothing is sent; check the base URL"
            raw = json.dumps({"error": told}).encode()
        if response.status_code == 407 and self._proxy:
            return unreachable(self._base, self._proxy, httpx.ProxyError("407"))
        return refusal(
            response.status_code,
            _json_or_text(raw, response, self.hiding),
            method=method,
            profile=self.profile,
            with_key=self._with_key,
            headers=response.headers,
            longest_wait=LONGEST_WAIT,
            generation_id=response_id(response, self.profile, self.hiding.in_bytes),
        )


class _AgainError(Exception):
    """A failure after which the same call may be sent again."""

    def __init__(self, error: ConnectorError, wait: Wait) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


class _Stream(httpx.AsyncByteStream):
    """A body that is read anew for each attempt, and tells each time it moved."""

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
    """Tell whether a call that failed may be sent once more: its own time may be over."""
    if not isinstance(error, _AgainError):
        return False
    asked = getattr(error.error, "retry_after", None) or 0
    return asyncio.get_running_loop().time() + asked < error.wait.until


def _is_unserved(call: Call, response: httpx.Response) -> bool:
    """Tell by a refusal whether the same call may be sent again."""
    if call.idempotent:
        return response.status_code in _UNSERVED | _DOUBTFUL
    # A proxy that lost the server answers 502 too, in HTML; it cannot know whether the call was
    # served.
    lost = response.status_code == 502 and "json" not in response.headers.get("content-type", "")
    return response.status_code in _UNSERVED and not lost


def _address(base_url: str) -> httpx.URL:
    fault = address_fault(base_url)
    try:
        if fault is None and (url := httpx.URL(base_url.rstrip("/"))).host:
            host = normal_host(url.host)
            return url if host == url.host else url.copy_with(host=host)
    except (httpx.InvalidURL, ValueError):  # the latter for a host in letters that no host has
        fault = NO_ADDRESS
    raise InputError([Problem("base URL", fault or NO_ADDRESS)])


def _is_overheard(base: httpx.URL) -> bool:
    return base.scheme == "http" and not is_loopback(base.host)


def _wait(state: RetryCallState) -> float:
    again = state.outcome.exception() if state.outcome else None
    asked = getattr(getattr(again, "error", None), "retry_after", None)
    return _BACKOFF(state) if asked is None else float(asked) + _JITTER(state)


def _secret_values(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield what headers hold that are called like a secret: `x-api-key`, `Cookie`."""
    for name, value in headers.items():
        if _SECRET_NAME.search(name):
            yield value
            yield value.rpartition(" ")[2]  # without `Bearer`


def _counted(error: ConnectorError, attempts: int) -> ConnectorError:
    if isinstance(error, ApiError):
        error.attempts = attempts
    return error


def _own(error: BaseException | None) -> ConnectorError | None:
    """Find the error of ours behind a broken upload: the file, and not the server, was gone."""
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
