"""Hosts in every spelling: what is judged is what would be connected to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector import Connector, FileError, InputError
from openrouter_connector.runtime.files.download import download
from openrouter_connector.runtime.http.hosts import normal_host
from support.scripted_server import Scripted, completion, response, scripted

PRIVATE_V6 = [
    "[::1]", "[::①]", "[0:0::1%25lo]", "[fe80::1%25eth0]", "[::ffff:127。0。0。1]",
    "[::ffff:0:7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[2a00:1450::5efe:127.0.0.1]", "[2a00:1450::200:5efe:10.0.0.1]",
    "[::127.0.0.1]", "[fec0::1]", "[fd00::1]", "[ff0e::1]", "[3fff::1]",
]  # fmt: skip
PRIVATE_V4 = ["192.0.0.192", "168.63.129.16", "192.88.99.1", "100.100.100.200", "169.254.169.254"]
NO_HOSTS = {
    f"{'a' * 64}.example": "longer than 63",
    ".".join(["a" * 60] * 5): "longer than 253",
    "a..example": "a part of it is empty",
    "256.1.1.1": "not an IPv4 address",
    "1.2.3.4.5": "not an IPv4 address",
    "a.example.0x7g.1x.7": "not an IPv4 address",
}
NORMAL = {
    "OpenRouter.AI": "openrouter.ai",
    "openrouter。ai": "openrouter.ai",
    "faß.example": "xn--fa-hia.example",
    "under_score.example.": "under_score.example.",
    "0X7F.1": "127.0.0.1",
    "8.8.2056": "8.8.8.8",
    "[2A00:0::1]": "2a00::1",
}
OTHER_DIGITS = {"wide": 0xFF10, "bold": 0x1D7CE, "double": 0x1D7D8, "sans": 0x1D7E2}
DOTS = [".", "。", "．", "｡", "%2e", "%E3%80%82"]


@pytest.fixture(scope="module")
def private() -> Iterator[Scripted]:
    """A server of this machine that nobody is to reach."""
    with scripted(response(completion("SECRET"))) as server:
        yield server


@st.composite
def loopbacks(draw: st.DrawFn) -> str:
    """An address of 127.0.0.0/8, written as resolvers and browsers understand it."""
    parts = [127, draw(st.integers(0, 255)), draw(st.integers(0, 255)), draw(st.integers(1, 254))]
    kept = draw(st.integers(1, 4))
    last = int.from_bytes(bytes(parts[kept - 1 :]))
    styles = st.sampled_from(["{}", "{:#x}", "0{:o}"])
    written = [draw(styles).format(part) for part in (*parts[: kept - 1], last)]
    text = written[0]
    for part in written[1:]:
        text += draw(st.sampled_from(DOTS)) + part
    start = draw(st.sampled_from(list(OTHER_DIGITS.values())))
    signs = [chr(start + int(c)) if c.isdigit() and draw(st.booleans()) else c for c in text]
    if "%" in text:
        signs = [quote(c) if c.isdigit() and draw(st.booleans()) else c for c in text]
    return "".join(signs) + draw(st.sampled_from(["", ".", "。"]))


@settings(max_examples=60, deadline=None)
@given(loopbacks())
def test_no_spelling_of_this_machine_is_fetched(private: Scripted, host: str) -> None:
    with pytest.raises(FileError):
        asyncio.run(fetched(f"http://{host}:{private.port}/x"))
    assert private.requests == []


@settings(max_examples=40, deadline=None)
@given(loopbacks())
def test_no_spelling_of_this_machine_is_a_public_server(
    connector: Connector, private: Scripted, host: str
) -> None:
    with pytest.raises(InputError) as caught:
        asyncio.run(asked(connector, f"http://{host}:{private.port}/v1"))
    assert {problem.path for problem in caught.value.problems} == {"baseUrl"}
    assert private.requests == []


@pytest.mark.parametrize("host", PRIVATE_V6 + PRIVATE_V4)
def test_an_address_that_wraps_or_is_a_private_one_is_refused(host: str) -> None:
    with pytest.raises(FileError, match="private address"):
        asyncio.run(fetched(f"http://{host}:9/x"))


def test_an_address_is_judged_again_where_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, private: Scripted
) -> None:
    # What the check of the URL and the resolver overlook is still not connected to.
    place = "openrouter_connector.runtime"
    monkeypatch.setattr(f"{place}.files.download.is_private_literal", lambda host: False)
    with pytest.raises(FileError, match="private address"):
        asyncio.run(fetched(f"http://127.0.0.1:{private.port}/x"))
    assert private.requests == []


@pytest.mark.parametrize(("host", "why"), NO_HOSTS.items())
def test_a_host_that_can_be_none_is_one_error_in_its_place(
    connector: Connector, host: str, why: str
) -> None:
    url = f"http://{host}/x"
    with pytest.raises(InputError, match=why) as wrong:
        connector.run("prompt", {"baseUrl": url, "model": "m", "prompt": "Hi"})
    assert [problem.path for problem in wrong.value.problems] == ["baseUrl"]
    with pytest.raises(FileError, match=why) as lost:
        connector.run("ask", {"model": "m", "userPrompt": "Hi", "attachments": [url]}, "sk-or-v1-x")
    assert lost.value.path == "attachments[0]"


@pytest.mark.parametrize(("host", "normal"), NORMAL.items())
def test_a_host_has_one_spelling(host: str, normal: str) -> None:
    assert normal_host(host) == normal


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_host_in_ascii_or_none(text: str) -> None:
    try:
        host = normal_host(text)
    except ValueError:
        return
    assert host and host.isascii() and host == host.lower() and "/" not in host
    assert normal_host(host) == host


async def fetched(url: str) -> bytes:
    async with asyncio.timeout(5), download(url, largest=1000) as found:
        return b"".join([chunk async for chunk in found.chunks])


async def asked(connector: Connector, base_url: str) -> None:
    async with connector.connect("sk-or-v1-x", allow_private=False) as session:
        await session.perform("prompt", {"baseUrl": base_url, "model": "m", "prompt": "Hi"})
