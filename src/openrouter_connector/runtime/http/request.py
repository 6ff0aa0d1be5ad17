"""Build the HTTP requests of one server: its URL, its headers, and the bodies of calls."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from functools import lru_cache

import httpx

from ...errors import InputError, Problem
from ...secret import SecretBytes
from ...values import Call
from ..api_profile import ApiProfile
from .base_url import NO_ADDRESS, address_fault
from .body import Body, encode, encode_form
from .decoding import ACCEPTED
from .headers import NO_HEADER, fits_header
from .hosts import normal_host

RawHeaders = list[tuple[bytes, bytes]]
_SECRET_NAME = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)


class Requests:
    """Builds the request of each call to one server."""

    def __init__(self, base: httpx.URL, headers: RawHeaders, timeouts: Mapping[str, float | None]):
        """`timeouts` are those that httpx passes to its engines."""
        self._base = base
        self._headers = headers
        self._extensions = {"timeout": timeouts}
        # Joining a path to the base takes longer (13 µs) than all the rest of a request.
        self._url = lru_cache(256)(self._joined)

    def build(self, call: Call) -> httpx.Request:
        """Return the request of a call.

        It is built without httpx.Client, which would add redirects, authentication and cookies that
        we never want. Raw headers and a stream leave httpx nothing to derive: half the time.
        """
        url = self._url(call.path)
        # Merging no parameters would still parse the URL once more.
        url = url.copy_merge_params(call.query) if call.query else url
        # A body that is in memory comes as bytes; one with a large file is read while it is sent.
        write = encode_form if call.multipart else encode
        body = b"" if call.body is None else write(call.body)
        stream = httpx.ByteStream(body) if isinstance(body, bytes) else Upload(body)
        headers = self._headers_of(call, body)
        request = httpx.Request(
            call.method, url, headers=headers, stream=stream, extensions=self._extensions
        )
        if isinstance(body, bytes):
            request.read()  # the timer of an upload asks for the size of its content
        return request

    def _headers_of(self, call: Call, body: bytes | Body) -> RawHeaders:
        headers = self._headers
        if call.headers:
            own = httpx.Headers(call.headers)
            headers = [(name, value) for name, value in headers if name.decode() not in own]
            # A header of the call wins over the connection's: the user set it for this call.
            headers += own.raw
        size = len(body) if isinstance(body, bytes) else body.size
        if not size:
            return headers
        kind = b"application/json" if isinstance(body, bytes) else body.content_type.encode()
        # httpx adds neither header to a request that is built of a stream.
        return [*headers, (b"content-type", kind), (b"content-length", b"%d" % size)]

    def _joined(self, path: str) -> httpx.URL:
        prefix = self._base.raw_path.decode().rstrip("/")
        return self._base.copy_with(raw_path=f"{prefix}{path}".encode())


class Upload(httpx.AsyncByteStream):
    """A body that is read from its start for each attempt and reports every chunk sent."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.moved: Callable[[], None] = lambda: None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._body.chunks()) as chunks:
            async for chunk in chunks:
                self.moved()
                yield chunk


def server_url(base_url: str) -> httpx.URL:
    """Return a base URL with its host in one spelling. InputError for an unusable one."""
    fault = address_fault(base_url)
    try:
        if fault is None and (url := httpx.URL(base_url.rstrip("/"))).host:
            host = normal_host(url.host)
            return url if host == url.host else url.copy_with(host=host)
    except (httpx.InvalidURL, ValueError):  # ValueError: characters that no host has
        fault = NO_ADDRESS
    raise InputError([Problem("base URL", fault or NO_ADDRESS)])


def server_headers(
    base: httpx.URL, token: str | None, own: Mapping[str, str], profile: ApiProfile
) -> RawHeaders:
    """Return the headers of every request to a server. InputError for one that cannot be sent.

    `own` are those of the user; the key goes into the header that the profile names.
    """
    if bad := [name for name in own if not fits_header(f"{name}{own[name]}")]:
        raise InputError([Problem(name, NO_HEADER) for name in bad])
    headers = httpx.Headers(
        {
            "host": base.netloc.decode(),
            "accept": "*/*",
            "accept-encoding": ACCEPTED,
            "user-agent": "openrouter-connector",
            **{name.lower(): value for name, value in own.items()},
            # Last: no header of the user may replace the key.
            **({profile.key_header: f"{profile.key_scheme} {token}".strip()} if token else {}),
        }
    )
    # The repr of an exception's request, or a traceback with local variables, shows no value.
    return [(name, SecretBytes(value)) for name, value in headers.raw]


def secret_values(headers: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of headers whose name says that they are secret: `x-api-key`, `Cookie`."""
    for name, value in headers.items():
        if _SECRET_NAME.search(name):
            yield value
            # A server may repeat the value without the scheme, in an error message for instance.
            yield value.rpartition(" ")[2]  # without `Bearer`
