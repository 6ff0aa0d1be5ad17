"""Proxies and certificates, as the environment names them, and what is said when they refuse."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path

import httpx
import pytest

from openrouter_connector import FileError, InputError, UnavailableError
from openrouter_connector.runtime.files.download import download
from openrouter_connector.runtime.http.proxies import proxy_for
from support.certificates import certified, certify
from support.scripted_server import Answer, Ask, completion, response, scripted

FAR = "https://openrouter.example/api/v1"
NAMED = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
REFUSED = Answer((b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",))
AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
ANSWER = json.dumps(completion("Hello")).encode()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", *NAMED, *AUTHORITIES):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate authority that nobody knows; certificates are read in earnest here."""
    monkeypatch.delattr(ssl.SSLContext, "load_verify_locations")
    return certify(tmp_path)


def status(line: bytes) -> Answer:
    return Answer((b"HTTP/1.1 " + line + b"\r\ncontent-length: 0\r\n\r\n",), then="close")


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    "form", ["http://127.0.0.1:{}", "127.0.0.1:{}", "http://me:pw9@127.0.0.1:{}"]
)
def test_a_proxy_is_used_and_its_refusal_is_named_and_not_repeated(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, name: str, form: str
) -> None:
    with scripted(REFUSED) as proxy:
        monkeypatch.setenv(name, form.format(proxy.port))
        with pytest.raises(UnavailableError) as caught:
            ask(FAR)
    (asked,) = proxy.requests
    assert (asked.method, asked.path) == ("CONNECT", "openrouter.example:443")
    assert ("proxy-authorization" in asked.headers) == ("pw9" in form)
    told = caught.value
    assert f"the proxy http://127.0.0.1:{proxy.port} does not connect" in told.message
    assert "407 Proxy Authentication Required" in told.message and "USER:PASSWORD@" in told.message
    assert (told.retryable, told.attempts) == (False, 1)
    assert "pw9" not in str(told.to_json()) and "billed" not in told.message


def test_a_proxy_that_forbids_a_server_is_named(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(status(b"403 Forbidden")) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(UnavailableError, match=r"403 Forbidden.*NO_PROXY") as caught:
            ask(FAR)
    assert (len(proxy.requests), caught.value.retryable) == (1, False)


def test_a_proxy_that_cannot_connect_now_is_tried_again(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(status(b"503 Service Unavailable")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(UnavailableError, match="the proxy http") as caught:
            ask(FAR, attempts=2)
    assert (len(proxy.requests), caught.value.retryable) == (2, True)


def test_a_proxy_that_is_gone_is_named(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(REFUSED) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    told = (
        rf"no connection to openrouter\.example through the proxy http://127\.0\.0\.1:{proxy.port}"
    )
    with pytest.raises(UnavailableError, match=told):
        ask(FAR, attempts=1)


def test_the_refusal_of_a_plain_call_is_the_proxys_as_well(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(REFUSED) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(UnavailableError, match=r"the proxy http.*USER:PASSWORD@"):
            ask("http://models.example/v1", token=None)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize(
    "listed",
    ["*", "models.example", ".example", "*.example", "EXAMPLE", "a.b, models.example:80 ,c.d",
     "models.example:8000, models.example"],
)  # fmt: skip
def test_what_no_proxy_lists_goes_past_the_proxy(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, listed: str
) -> None:
    with scripted(REFUSED) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", listed)
        with pytest.raises(UnavailableError, match=r"no connection to models\.example: "):
            ask("http://models.example/v1", token=None, attempts=1)
    assert proxy.requests == []


@pytest.mark.parametrize("listed", ["10.0.0.0/8", "10.1.2.3", "10.1.2.3:8443", "[::1], 10.0.0.0/8"])
@pytest.mark.parametrize(("host", "past"), [("10.1.2.3:8443", True), ("11.1.2.3:8443", False)])
def test_no_proxy_lists_networks(
    monkeypatch: pytest.MonkeyPatch, listed: str, host: str, past: bool
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", listed)
    assert (proxy_for(httpx.URL(f"https://{host}/v1")) is None) is past


@pytest.mark.parametrize(
    "listed", ["odels.example", "example.org", "models.example:81", "10.0.0.0/8"]
)
def test_what_no_proxy_does_not_list_goes_through_it(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, listed: str
) -> None:
    with scripted(response(completion("Hi"))) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", listed)
        assert ask("http://models.example/v1", token=None).output == "Hi"


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("socks5h://127.0.0.1:1080", "names a socks5h proxy, which is not supported"),
        ("http://", "is not an http"),
        ("http://me:pw9@[::1", "is not an http"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_reported_before_anything_is_sent(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, proxy: str, told: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(InputError, match=told) as caught:
        ask(FAR)
    assert "pw9" not in str(caught.value)


def test_this_machine_is_reached_without_a_proxy(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(REFUSED) as proxy, scripted(response(completion("Hi"))) as server:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert ask(server.base_url).output == "Hi"
    assert proxy.requests == []


# Downloads ----------------------------------------------------------------------------------------


def fetched(url: str, *, allow_private: bool = False) -> bytes:
    async def read() -> bytes:
        async with download(url, largest=1000, allow_private=allow_private) as found:
            return b"".join([chunk async for chunk in found.chunks])

    return asyncio.run(read())


def test_a_download_takes_a_proxy_only_if_that_is_named_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with scripted(response("Hello", kind="text/plain")) as proxy:
        place = f"http://127.0.0.1:{proxy.port}"
        for name in ("HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, place)
        with pytest.raises(FileError, match=r"no connection to files\.example"):
            fetched("http://files.example/x")
        assert proxy.requests == []
        monkeypatch.setenv("OPENROUTER_CONNECTOR_DOWNLOAD_PROXY", place)
        assert fetched("http://files.example/x") == b"Hello"
        with pytest.raises(FileError, match="private address"):
            fetched("http://127.0.0.1/x")
    (asked,) = proxy.requests
    assert asked.path == "http://files.example/x"


def test_the_proxy_of_downloads_is_named_when_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(REFUSED) as proxy:
        place = f"127.0.0.1:{proxy.port}"
        monkeypatch.setenv("OPENROUTER_CONNECTOR_DOWNLOAD_PROXY", f"http://me:pw9@{place}")
        with pytest.raises(
            FileError, match=f"through http://{place}: the proxy answered 407"
        ) as no:
            fetched("https://files.example/x")
    assert "pw9" not in str(no.value)


# Certificates -------------------------------------------------------------------------------------


def test_a_certificate_that_does_not_verify_is_reported_and_not_retried(
    ask: Ask, authority: Path
) -> None:
    with certified(authority, ANSWER) as server, pytest.raises(UnavailableError) as caught:
        ask(f"{server}/v1")
    told = caught.value
    assert "its certificate does not verify (self" in told.message
    assert "SSL_CERT_FILE" in told.message and "billed" not in told.message
    assert (told.retryable, told.attempts) == (False, 1)


def test_the_certificate_of_a_download_is_checked_as_well(
    authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with certified(authority, b"Hello") as server:
        with pytest.raises(FileError, match=r"does not verify.*SSL_CERT_FILE"):
            fetched(f"{server}/x", allow_private=True)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        assert fetched(f"{server}/x", allow_private=True) == b"Hello"


@pytest.mark.parametrize("name", [name for name in AUTHORITIES if name != "SSL_CERT_DIR"])
def test_an_authority_of_ones_own_is_named_in_the_environment(
    ask: Ask, authority: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(authority))
    with certified(authority, ANSWER) as server:
        assert ask(f"{server}/v1").output == "Hello"


@pytest.mark.parametrize("name", AUTHORITIES)
def test_authorities_that_cannot_be_read_are_reported(
    ask: Ask, authority: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(authority.with_name("gone.pem")))
    with pytest.raises(InputError, match=f"{name} names '.*gone.pem', which does not exist"):
        ask(FAR)
    if name != "SSL_CERT_DIR":
        empty = authority.with_name("empty.pem")
        empty.write_text("nothing")
        monkeypatch.setenv(name, str(empty))
        with pytest.raises(InputError, match="no readable certificates"):
            ask(FAR)
