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
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from math import isfinite

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random,
    wait_random_exponential,
)

from ..errors import (
    ApiError,
    ConnectorError,
    IncompleteError,
    InputError,
    Problem,
    UnavailableError,
)
from ..secret import is_secret
from ..values import Call, Json
from . import backends
from .base_url import NO_ADDRESS, OVERHEARD, address_fault
from .body import Body, encode, encode_form
from .headers import NO_HEADER, fits_header
from .lists import key_of
from .loopback import is_loopback
from .refusals import out_of_quota, refusal, ways_out_at
from .reply import BROKEN, TIMEOUTS, Reply, generation_id_of, limited

_log = logging.getLogger(__name__)

ATTEMPTS = 4
LONGEST_WAIT = 60.0  # seconds; a server that asks for more is not waited for
_AT_ONCE = 64 * 1024  # bytes that are gone as soon as they are sent, wherever they wait
_SLOWEST = 50_000  # bytes a second of a line that works
_UNSERVED = {429, 502, 503, 529}
_DOUBTFUL = {408, 500, 504, 524}
_BACKOFF = wait_random_exponential(multiplier=0.5, max=8)
_JITTER = wait_random(0.02, 0.3)  # many who are told the same second do not come back at once


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection, and for the next byte of an answer."""

    connect: float = 10
    idle: float = 300


class Transport:
    """Calls to one server with one token."""

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
        """Send to this server. With `public` its address must be a public one (InputError).

        With `allow_http` a token may go unencrypted, to addresses of private networks only.
        """
        self._base = _address(base_url)
        overheard = bool(token) and backend is None and _is_overheard(self._base)
        if overheard and (public or not allow_http):
            raise InputError([Problem("base URL", OVERHEARD)])
        if overheard:
            _log.warning("the token goes to %s unencrypted; others may read it there", base_url)
        self.identity = key_of(str(self._base), token or "")
        """What tells this server and key from others, and gives neither away."""
        self._url = lru_cache(256)(self._joined)
        self._hide = _hiding(token)
        self._ways_out = ways_out_at(base_url, token)
        given = dict(headers or {})
        if bad := [name for name in given if not fits_header(f"{name}{given[name]}")]:
            raise InputError([Problem(name, NO_HEADER) for name in bad])
        self._headers = httpx.Headers(
            {
                "host": self._base.netloc.decode(),
                "accept": "*/*",
                "accept-encoding": "gzip, deflate",
                "user-agent": "openrouter-connector",
                **{name.lower(): value for name, value in given.items()},
                **({"authorization": f"Bearer {token}"} if token else {}),
            }
        ).raw
        timeouts = timeouts or Timeouts()
        self._timeout = {"connect": timeouts.connect, "read": timeouts.idle, "pool": None}
        self._idle = timeouts.idle
        kind = backends.pooled if concurrent else backends.single
        kind = backends.private if overheard else backends.public if public else kind
        self._backend = backend or kind(self._base)
        self._retrying = AsyncRetrying(
            stop=stop_after_attempt(attempts),
            wait=_wait,
            retry=retry_if_exception_type(_AgainError),
            reraise=True,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._backend.aclose()

    @asynccontextmanager
    async def open(self, call: Call, *, again: bool = True) -> AsyncIterator[Reply]:
        """Send a call and give its reply, which is closed at the end of the block.

        Without `again` it is sent once, whatever comes. Raises the ApiError, or CredentialError,
        that a refusal stands for.
        """
        response, attempts = await self._served(call, again)
        try:
            yield Reply(response, attempts, self._idle, self._hide)
        finally:
            await response.aclose()

    async def _served(self, call: Call, again: bool) -> tuple[httpx.Response, int]:
        """Send a call, again where that is safe, and give its answer and how often it was sent."""
        request = self._request(call)
        attempts, failed = 0, list[_AgainError]()

        async def attempt() -> httpx.Response:
            nonlocal attempts
            if failed:
                raise failed.pop()
            attempts += 1
            return await self._attempt(call, request)

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

    async def _attempt(self, call: Call, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._answered(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise _AgainError(_unreachable(self._base, error)) from error
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            raise UnavailableError(f"the call could not be sent, and was not: {error}") from error
        except httpx.TransportError as error:
            if own := _own(error):
                raise own from None
            lost = _lost(error, self._idle, call.idempotent)
            raise (_AgainError(lost) if call.idempotent else lost) from error
        if response.status_code < 300 or response.status_code == 304:
            return response
        try:
            refused = await self._refused(response, call.method)
        finally:
            await response.aclose()
        waits = isinstance(refused, ApiError) and (refused.retry_after or 0) <= LONGEST_WAIT
        if _is_unserved(call, response) and waits and not out_of_quota(_raw(refused)):
            raise _AgainError(refused)
        raise refused

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        """Send a request; no backend watches over a server that stops reading, so this does."""
        stream, seconds = request.stream, self._idle + 1
        if not isinstance(stream, _Stream):
            if len(request.content) <= _AT_ONCE:
                return await self._backend.handle_async_request(request)
            seconds += len(request.content) / _SLOWEST  # nobody tells how much of it is gone
        try:
            async with asyncio.timeout(seconds) as watch:
                if isinstance(stream, _Stream):
                    stream.moved = partial(_postpone, watch, seconds)
                return await self._backend.handle_async_request(request)
        except TimeoutError as error:
            raise httpx.WriteTimeout("the server does not read on") from error

    async def _refused(self, response: httpx.Response, method: str) -> ConnectorError:
        """Read what a refusal says."""
        try:
            raw = await limited(response, 1024 * 1024)
        except (*BROKEN, IncompleteError):
            raw = b""
        if 300 <= response.status_code < 400:
            place = response.headers.get("location", "").split("?")[0] or "elsewhere"
            told = f"the server redirects to {place}, where nothing is sent; check the base URL"
            raw = json.dumps({"error": told}).encode()
        return refusal(
            response.status_code,
            _json_or_text(self._hide(raw).decode(errors="replace")),
            method=method,
            ways_out=self._ways_out,
            retry_after=_seconds(response.headers.get("retry-after")),
            generation_id=generation_id_of(response, self._hide),
        )


class _AgainError(Exception):
    """A failure after which the same call may be sent again."""

    def __init__(self, error: ConnectorError) -> None:
        super().__init__(str(error))
        self.error = error


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


def _postpone(watch: asyncio.Timeout, seconds: float) -> None:
    watch.reschedule(asyncio.get_running_loop().time() + seconds)


def _is_unserved(call: Call, response: httpx.Response) -> bool:
    """Tell by a refusal whether the same call may be sent again."""
    if call.idempotent:
        return response.status_code in _UNSERVED | _DOUBTFUL
    # A proxy that lost the server says 502 as well, in HTML, and knows not what became of the call.
    lost = response.status_code == 502 and "json" not in response.headers.get("content-type", "")
    return response.status_code in _UNSERVED and not lost


def _address(base_url: str) -> httpx.URL:
    fault = address_fault(base_url)
    try:
        if fault is None and (url := httpx.URL(base_url.rstrip("/"))).host:
            return url
    except (httpx.InvalidURL, UnicodeError):  # the latter for a host in letters that no host has
        fault = NO_ADDRESS
    raise InputError([Problem("base URL", fault or NO_ADDRESS)])


def _is_overheard(base: httpx.URL) -> bool:
    return base.scheme == "http" and not is_loopback(base.host)


def _wait(state: RetryCallState) -> float:
    again = state.outcome.exception() if state.outcome else None
    asked = getattr(getattr(again, "error", None), "retry_after", None)
    return _BACKOFF(state) if asked is None else float(asked) + _JITTER(state)


def _hiding(token: str | None) -> Callable[[bytes], bytes]:
    """Give what takes the token out of an answer, since a server may echo what it was sent."""
    if not is_secret(token):
        return lambda raw: raw
    secret = token.encode()
    return lambda raw: raw.replace(secret, b"[token]")


def _counted(error: ConnectorError, attempts: int) -> ConnectorError:
    if isinstance(error, ApiError):
        error.attempts = attempts
    return error


def _unreachable(base: httpx.URL, error: Exception) -> UnavailableError:
    told = f"no connection to {base.host}: {error}. Check the network and the base URL."
    return UnavailableError(told, retryable=True)


def _own(error: BaseException | None) -> ConnectorError | None:
    """Find the error of ours behind a broken upload: the file, and not the server, was gone."""
    while error:
        if isinstance(error, ConnectorError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _lost(error: Exception, idle: float, idempotent: bool) -> UnavailableError:
    why = f"no byte came for {idle:g} s" if isinstance(error, TIMEOUTS) else error
    told = "" if idempotent else "; it may have been billed, and was not asked for again"
    return UnavailableError(f"the answer was lost ({why}){told}", retryable=idempotent)


def _json_or_text(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        short = " ".join(text.split())[:300]
        return {"error": short} if short and not short.startswith("<") else None


def _raw(error: ConnectorError) -> Json:
    return error.raw if isinstance(error, ApiError) else None


def _seconds(header: str | None) -> float | None:
    try:
        seconds = max(float(header or "nan"), 0)
    except ValueError:
        return None  # an HTTP date, which this API does not send
    return seconds if isfinite(seconds) else None
