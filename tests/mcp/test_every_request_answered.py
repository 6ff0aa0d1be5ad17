"""Every request gets a response, and every paid result arrives, whatever they contain."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.faces.mcp.stdio import line_errors
from support.http_face import ASK
from support.mcp_host import Host, http_client, text
from support.scripted_server import completion, response, scripted

DEEP = "[" * 100_000


def call(id: str, arguments: str) -> str:
    params = f'{{"name": "ask", "arguments": {arguments}}}'
    return f'{{"jsonrpc": "2.0", "id": {id}, "method": "tools/call", "params": {params}}}'


WRONG: dict[str, tuple[str, int, Any]] = {
    "half a character": (call("7", '{"userPrompt": "half \\ud83d"}'), -32602, 7),
    "half a character in an id": (call('"\\ud83d"', "{}"), -32600, None),
    "nesting": (call("8", "[" * 400 + "]" * 400), -32602, 8),
    "nesting beyond any parser": (call('"a"', DEEP), -32600, "a"),
    "a list of params": ('{"jsonrpc":"2.0","id":9,"method":"ping","params":[1]}', -32602, 9),
    "a text as params": ('{"jsonrpc":"2.0","id":9,"method":"ping","params":"x"}', -32602, 9),
    "a number of thousands of digits": (call("10", f'{{"n": {"9" * 5000}}}'), -32602, 10),
    "no JSON": ("garbage", -32700, None),
    "half a message": ('{"jsonrpc":"2.0","id":1,"method":"ping"', -32700, None),
    "a number": ("1", -32600, None),
    "null": ("null", -32600, None),
    "an empty batch": ("[]", -32600, None),
    "another version": ('{"jsonrpc":"1.0","id":"b","method":"ping"}', -32600, "b"),
    "no version": ('{"id":3,"method":"ping"}', -32600, 3),
    "no method": ('{"jsonrpc":"2.0","id":4}', -32600, 4),
    "a method that is none": ('{"jsonrpc":"2.0","id":5,"method":5}', -32600, 5),
    "an id that is none": ('{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', -32600, None),
    "an id that is null": ('{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, None),
}


@pytest.mark.parametrize("line, code, id", WRONG.values(), ids=WRONG)
def test_a_request_that_cannot_be_read_is_answered(
    talk: Any, line: str, code: int, id: Any
) -> None:
    talk.write(line)
    answer = talk.next()

    assert (answer["id"], answer["error"]["code"]) == (id, code)
    assert talk("ping", {})["result"] == {}


def test_a_byte_order_mark_before_a_request_is_no_fault(talk: Any) -> None:
    talk.write('\ufeff{"jsonrpc":"2.0","id":61,"method":"ping"}')
    assert (answer := talk.next())["id"] == 61
    assert answer["result"] == {}


def test_each_request_of_a_batch_is_answered(talk: Any) -> None:
    ping = {"jsonrpc": "2.0", "method": "ping"}
    talk.write(json.dumps([{**ping, "id": 71}, ping, {**ping, "id": 72}]))

    assert [talk.next()["id"] for _ in range(2)] == [71, 72]


@pytest.mark.parametrize(
    "line",
    [
        '{"jsonrpc":"2.0","method":"notifications/x","params":[1]}',
        '{"jsonrpc":"2.0","id":5,"result":[1]}',
        '{"jsonrpc":"2.0","id":5,"error":"no"}',
    ],
)
def test_notifications_and_responses_are_not_answered(line: str) -> None:
    assert line_errors(line) == []


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["jsonrpc", "id", "method", "params"]),
        st.sampled_from(["2.0", "ping", 5, 1.5, None, True, [1], {"a": "\ud83d"}, {}]),
    ),
    st.text(max_size=3),
)
def test_what_has_an_id_is_read_or_answered(message: dict[str, Any], noise: str) -> None:
    for line in (json.dumps(message), noise + json.dumps(message), json.dumps(message)[:-1]):
        for error in line_errors(line):
            assert error.id is None or error.id == message["id"]
            error.model_dump_json()


@pytest.mark.parametrize("line", [WRONG[name][0] for name in WRONG])
def test_it_is_answered_over_http_too(host: Host, line: str) -> None:
    for version in ("2025-06-18", "2026-07-28"):
        headers = {"MCP-Protocol-Version": version, "Content-Type": "application/json"}
        with http_client(**headers) as client:
            answer = client.post(host.address, content=line)
        assert 400 <= answer.status_code < 500
        assert "error" in answer.json()


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


ODD = {
    "nesting of 300": f'"reasoning_details": {nested(300)}',
    "nesting of 900": f'"reasoning_details": {nested(900)}',
    "a number of 4000 digits": f'"odd": {"9" * 4000}',
    "half a character": '"refusal\\ud83d": "\\ud83d"',
    "NaN": '"odd": NaN, "odder": -Infinity, "oddest": 1e999',
    "megabytes": f'"reasoning": "{"thinking " * 500_000}"',
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("action", ["ask", "sendChatCompletion"])
def test_a_paid_answer_arrives_with_its_text_and_cost(start: Any, action: str, odd: str) -> None:
    whole = json.dumps(completion("The paid answer"))
    body = whole.replace('"content":', f'{odd}, "content":')
    chat = {"model": "a/b", "messages": [{"role": "user", "content": "Hello"}]}
    arguments = {**ASK, "model": "a/b"} if action == "ask" else chat
    with scripted(response(body.encode())) as server:
        host = start(server.base_url, mode="legacy")
        result = host.call(action, arguments)

    assert "The paid answer" in text(result) + json.dumps(result.structured_content)
    assert "$0.25" in text(result)
    assert len(server.requests) == 1


def test_a_long_answer_in_any_script_arrives_over_http(start: Any) -> None:
    answer = "很长的答案。" * 25_000
    with scripted(response(completion(answer))) as server:
        result = start(server.base_url).call("ask", {**ASK, "model": "a/b"})

    assert not result.is_error
    assert text(result).startswith("很长的答案。" * 1000)
    assert "cut here; the whole text has" in text(result)


def test_a_line_that_is_deep_and_broken_is_answered_in_time() -> None:
    line = "[" * 200_000 + '"' + '\\"' * 100_000  # quadratic, this takes minutes
    assert [fault.id for fault in line_errors(line)] == [None]
