"""Server-sent events as the standard has them, and bodies that are not what their header says."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector import Connector, FileStore, IncompleteError
from openrouter_connector.runtime.http.sse import Events, Lines
from support.event_streams import ENDS, GOOD, over_lines
from support.scripted_server import ASK, Answer, Ask, completion, delta, response, scripted

EVENTS = "text/event-stream"


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("kind", [EVENTS, "application/json", "application/octet-stream"])
@pytest.mark.parametrize("streamed", [True, False])
def test_events_are_read_whatever_their_header_says(
    connector: Connector, store: FileStore, raw: bytes, kind: str, streamed: bool
) -> None:
    with scripted(response(raw, kind=kind)) as server:
        result = asyncio.run(performed(connector, server.base_url, store, streamed))
    assert (result.output, result.metadata.cost) == ("Hello ü🙂", 0.25)


@pytest.mark.parametrize("kind", [EVENTS, "application/x-ndjson", ""])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b" \n\r\n "])
@pytest.mark.parametrize("streamed", [True, False])
def test_a_whole_answer_is_read_whatever_its_header_says(
    connector: Connector, store: FileStore, kind: str, before: bytes, streamed: bool
) -> None:
    raw = before + json.dumps(completion("Hello")).encode()
    with scripted(response(raw, kind=kind)) as server:
        result = asyncio.run(performed(connector, server.base_url, store, streamed))
    assert (result.output, result.metadata.cost) == ("Hello", 0.25)


@pytest.mark.parametrize(
    "cut", [b'data: {"choices": [{', b"data: {\n", b'data: {"choices":\ndata: [', b"dat"]
)
@pytest.mark.parametrize("end", ENDS)
def test_an_event_that_is_cut_off_breaks_the_stream(ask: Ask, cut: bytes, end: str) -> None:
    frame = f"data: {json.dumps(delta('Hel'))}{end}{end}".encode()
    raw = frame + cut.replace(b"\n", end.encode())
    with (
        scripted(response(raw, kind=EVENTS)) as server,
        pytest.raises(IncompleteError, match="broke off") as caught,
    ):
        ask(server.base_url)
    assert (caught.value.partial, len(server.requests)) == ("Hel", 1)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.integers(), max_size=3)),
    st.sampled_from(ENDS),
    st.booleans(),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.data(),
)
def test_it_does_not_matter_how_a_stream_is_cut(
    values: list[Any], end: str, many: bool, mark: bytes, data: st.DataObject
) -> None:
    frames = [
        over_lines(value, end) if many else f": x{end}data: {json.dumps(value)}{end}{end}"
        for value in values
    ]
    raw = mark + "".join(frames).encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(raw)), max_size=8)))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    lines, reader = Lines(), Events()
    found: list[Any] = []
    for piece in pieces:
        found += reader.read(lines.feed(piece))
    found += reader.read(lines.end())
    found += reader.end()
    assert found == values


CHARSETS = {"latin-1": "iso-8859-1", "shift_jis": "Shift_JIS", "utf-16": "utf-16", "cp1252": ""}


@pytest.mark.parametrize(("codec", "named"), CHARSETS.items())
def test_an_answer_in_another_charset_is_read(ask: Ask, codec: str, named: str) -> None:
    said = "日本" if codec in ("shift_jis", "utf-16") else "Café"
    raw = json.dumps(completion(said), ensure_ascii=False).encode(codec)
    kind = f"application/json; charset={named}" if named else "application/json"
    with scripted(response(raw, kind=kind)) as server:
        assert ask(server.base_url).output == said


@pytest.mark.parametrize("named", ["utf-8", "punycode", "zlib", "nonsense", "\udcff"])
def test_half_a_character_does_not_lose_the_rest(ask: Ask, named: str) -> None:
    raw = json.dumps(completion("Grüße ?"), ensure_ascii=False).encode().replace(b"?", b"\xf0\x9f")
    kind = f"application/json; charset={named}".encode(errors="surrogateescape").decode("latin-1")
    with scripted(response(raw, kind=kind)) as server:
        assert ask(server.base_url).output == "Grüße \ufffd"
    frame = b"data: " + json.dumps(delta("?", "stop")).encode().replace(b"?", b"\xf0") + b"\n\n"
    with scripted(response(frame, kind=EVENTS)) as server:
        assert ask(server.base_url).output in ("\ufffd", "ð")


def test_a_web_page_under_the_type_of_events_is_called_one(ask: Ask) -> None:
    page = Answer(response("<html>Hi</html>", kind=EVENTS).pieces)
    with scripted(page) as server, pytest.raises(Exception, match="web page"):
        ask(server.base_url)


async def performed(connector: Connector, base_url: str, store: FileStore, streamed: bool) -> Any:
    async with connector.connect("sk-or-v1-test", base_url=base_url, files=store) as session:
        if not streamed:
            return await session.perform("ask", ASK)
        return [event async for event in session.stream("ask", ASK)][-1].result
