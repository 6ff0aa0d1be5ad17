"""Answers that are not quite JSON: what was paid for is read, or kept in the error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector import ApiError, IncompleteError, Timeouts, UnavailableError
from openrouter_connector.runtime.http.json_reader import read_json
from support.scripted_server import Answer, Ask, completion, delta, events, response, scripted

WHOLE = json.dumps(completion("Hello"))
DEEP = 100_000
ODD = {
    "an integer of 4,301 digits": '{"odd": ' + "9" * 4301,
    "an integer of 100,000 digits": '{"odd": -' + "9" * 100_000,
    "deep lists": '{"odd": ' + "[" * DEEP + "]" * DEEP,
    "deep objects": '{"odd": ' + '{"]}": ' * DEEP + "1" + "}" * DEEP,
    "deep lists beside strings with quotes": '{"a": "\\"[", "odd": ' + "[" * DEEP + "]" * DEEP,
}
BODIES = {name: f"{odd}, {WHOLE[1:]}" for name, odd in ODD.items()} | {
    "a NUL behind it": WHOLE + "\0",
    "junk behind it": WHOLE + "xx",
    "another document behind it": f"{WHOLE}\n{WHOLE}",
    "a guard before it": f")]}}',\n{WHOLE}",
    "a loop before it": f"while(1);{WHOLE}",
}
EXCERPT = 2000


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_answer_is_read_with_any_fields_beside_it(ask: Ask, body: str) -> None:
    with scripted(response(body)) as server:
        result = ask(server.base_url)
    assert (result.output, result.metadata.cost) == ("Hello", 0.25)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_event_is_read_with_any_fields_beside_its_text(ask: Ask, odd: str) -> None:
    event = f"data: {odd}, {json.dumps(delta('Hello', 'stop'))[1:]}\n\n"
    with scripted(events(event)) as server:
        assert ask(server.base_url).output == "Hello"


def test_control_characters_stay_in_the_text(ask: Ask) -> None:
    with scripted(response(WHOLE.replace("Hello", "Hel\x01\tlo\n"))) as server:
        assert ask(server.base_url).output == "Hel\x01\tlo\n"


def test_an_answer_that_cannot_be_read_is_kept_in_the_error(ask: Ask) -> None:
    cut = WHOLE.replace("Hello", "Hello " * 1000)[:5000]
    answer = response(cut, headers={"X-Generation-Id": "gen-7"})
    with scripted(answer) as server, pytest.raises(IncompleteError, match="not JSON") as caught:
        ask(server.base_url)
    assert caught.value.partial == cut[:EXCERPT]
    assert (caught.value.generation_id, len(server.requests)) == ("gen-7", 1)


@pytest.mark.parametrize("body", ["502 Bad Gateway", '"a" b', "null null", "[500] Gone"])
def test_a_text_that_begins_like_json_is_kept_in_the_error(ask: Ask, body: str) -> None:
    with scripted(response(body)) as server, pytest.raises(IncompleteError) as caught:
        ask(server.base_url)
    assert caught.value.partial == body


def test_a_web_page_is_not_kept(ask: Ask) -> None:
    page = response("<html>Hello</html>", kind="text/html")
    with scripted(page) as server, pytest.raises(ApiError, match="web page") as caught:
        ask(server.base_url)
    assert caught.value.partial is None


def test_two_events_without_a_blank_line_are_both_read(ask: Ask) -> None:
    odd = ODD["an integer of 4,301 digits"]
    first = f"data: {odd}, {json.dumps(delta('Hel'))[1:]}\n"
    with scripted(events(first, delta("lo", "stop"))) as server:
        assert ask(server.base_url).output == "Hello"


leaves = st.none() | st.booleans() | st.integers() | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@settings(max_examples=50, deadline=None)
@given(values)
def test_the_rest_of_a_deeply_nested_value_is_read_exactly(value: object) -> None:
    text = f'[{json.dumps(value, ensure_ascii=False)}, {"[" * 5000}"\\"]"{"]" * 5000}, 7]'
    beside, deep, last = read_json(text.encode("utf-8", "surrogatepass"))
    assert (beside, last) == (value, 7)
    while isinstance(deep, list):
        (deep,) = deep
    assert deep.startswith("[[[") and deep.endswith("]]]")


def test_a_refusal_with_bytes_behind_it_is_reported(ask: Ask) -> None:
    refused = response('{"error": {"message": "No such thing"}}\0', 404)
    with scripted(refused) as server, pytest.raises(ApiError, match="No such thing"):
        ask(server.base_url)


def test_a_refusal_in_brackets_is_reported_as_it_is(ask: Ask) -> None:
    refused = response("[400] No such thing", 400)
    with scripted(refused) as server, pytest.raises(ApiError, match=r"\[400\] No such thing"):
        ask(server.base_url)


def test_a_response_that_is_no_http_is_not_called_a_400(ask: Ask) -> None:
    banner = Answer((b"220 mail.example ready\r\n",), then="close")
    with scripted(banner) as server, pytest.raises(UnavailableError) as caught:
        ask(server.base_url, concurrent=True)
    assert "the server's response is not valid HTTP (Bad status line)" in caught.value.message
    assert "400" not in caught.value.message


@pytest.mark.parametrize("concurrent", [True, False])
def test_a_body_that_breaks_off_is_kept_in_the_error(ask: Ask, concurrent: bool) -> None:
    cut = response(WHOLE[:150], headers={"Content-Length": "9999"}, then="close")
    with scripted(cut) as server, pytest.raises(IncompleteError, match="broke off") as caught:
        ask(server.base_url, concurrent=concurrent)
    assert caught.value.partial == WHOLE[:150]


@pytest.mark.parametrize("concurrent", [True, False])
def test_an_invalid_chunk_ends_the_call_at_once(ask: Ask, concurrent: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    bad = Answer((head, b'5\r\n{"a":\r\n', b"none\r\n"), then="hang", pause=0.05)
    with scripted(bad) as server, pytest.raises(IncompleteError, match="broke off"):
        ask(server.base_url, concurrent=concurrent, timeouts=Timeouts(idle=30))
