"""OpenAI's responses through the unmodified client: whole, streamed, and broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import openai
import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from support.disconnects import eventually
from support.http_face import Serve, Served
from support.openai_client import openai_client
from support.scripted_server import Answer, events, response, scripted

KEY = "sk-or-v1-0123456789abcdef"
TEXT = {"type": "output_text", "text": "Hello", "annotations": []}
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
    "content": [TEXT],
}  # fmt: skip
RESPONSE: dict[str, Any] = {
    "id": "resp_1", "object": "response", "created_at": 1, "model": "a/b", "status": "completed",
    "output": [MESSAGE], "parallel_tool_calls": False, "tool_choice": "auto", "tools": [],
    "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5, "cost": 0.25},
}  # fmt: skip
CREATED = {"type": "response.created", "response": {**RESPONSE, "status": "in_progress"}}
COMPLETED = {"type": "response.completed", "response": RESPONSE}


Client = Callable[..., AbstractContextManager[openai.OpenAI]]


@pytest.fixture
def client_of(serve: Serve) -> Client:
    """Give a client of a server whose API answers as the script says."""

    @contextmanager
    def client(*script: Answer) -> Iterator[openai.OpenAI]:
        with scripted(*script) as api:
            served = serve(startup={"there": StartupConnection(KEY, api.base_url)})
            with openai_client(served) as made:
                yield made
            last = api.requests[-1]
            assert (last.path, last.json["input"]) == ("/api/v1/responses", "Hi")

    return client


def delta(text: str, **more: Any) -> dict[str, Any]:
    kind = "response.output_text.delta"
    return {"type": kind, "item_id": "msg_1", "output_index": 0, "content_index": 0,
            "delta": text, **more}  # fmt: skip


def streamed(client: openai.OpenAI) -> list[Any]:
    return list(client.responses.create(model="a/b", input="Hi", stream=True))


def text_of(events: list[Any]) -> str:
    return "".join(one.delta for one in events if one.type == "response.output_text.delta")


def test_a_response_is_returned_whole(played: Served) -> None:
    with openai_client(played) as client:
        result = client.responses.create(
            model="sandbox/echo", instructions="Be brief.", input="Hello"
        )
    assert "You said: Hello" in result.output_text
    assert result.output_text.endswith("My system prompt is: Be brief.")
    assert result.status == "completed"
    assert result.usage and result.usage.total_tokens > 0


def test_a_response_is_streamed(played: Served) -> None:
    with openai_client(played) as client:
        with client.responses.stream(model="sandbox/echo", input="Hello") as stream:
            came = list(stream)
        final = stream.get_final_response()
    assert final.output_text == text_of(came)
    assert final.output_text.endswith("You said: Hello")
    assert came[-1].type == "response.completed"


def test_a_function_is_called(played: Served) -> None:
    tool: Any = {
        "type": "function", "name": "look_up", "strict": False,
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}},
    }  # fmt: skip
    with openai_client(played) as client:
        result = client.responses.create(
            model="sandbox/echo", input="Hello", tools=[tool], tool_choice="required"
        )
    assert [item.name for item in result.output if item.type == "function_call"] == ["look_up"]


@pytest.mark.parametrize("whole", [True, False])
def test_a_stream_is_passed_on_and_paid_by_its_last_event(
    client_of: Client, caplog: pytest.LogCaptureFixture, whole: bool
) -> None:
    caplog.set_level("INFO")
    answer = response(RESPONSE) if whole else events(CREATED, delta("Hel"), delta("lo"), COMPLETED)
    with client_of(answer) as client:
        came = streamed(client)
    assert text_of(came) == "Hello"
    assert came[-1].response.output[0].content[0].text == "Hello"
    assert eventually(lambda: '"cost": 0.25' in caplog.text)  # it is logged after the response


def test_a_stream_that_was_not_requested_becomes_a_response(client_of: Client) -> None:
    answer = events(CREATED, delta("Hel"), delta("lo"), COMPLETED)
    with client_of(answer) as client:
        assert client.responses.create(model="a/b", input="Hi").output_text == "Hello"


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ((), "broke off"),
        (({"type": "error", "code": "server_error", "message": "No GPU"},), "No GPU"),
        (({"error": {"code": 502, "message": "No GPU"}},), "No GPU"),
    ],
)
def test_a_stream_that_fails_is_an_error(
    client_of: Client, last: tuple[dict[str, Any], ...], message: str
) -> None:
    answer = events(CREATED, delta("Hel"), *last, done=False)
    came: list[Any] = []
    with client_of(answer) as client, pytest.raises(openai.APIError, match=message):
        came.extend(client.responses.create(model="a/b", input="Hi", stream=True))


def test_a_response_that_was_cut_says_so_itself(client_of: Client) -> None:
    cut = {
        **RESPONSE,
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
    }
    last = {"type": "response.incomplete", "response": cut}
    with client_of(events(CREATED, delta("Hello"), last)) as client:
        assert streamed(client)[-1].response.status == "incomplete"


@pytest.mark.parametrize("body", [{**RESPONSE, "output": []}, {"object": "response"}])
def test_a_response_without_output_is_an_error(client_of: Client, body: dict[str, Any]) -> None:
    with (
        client_of(response(body)) as client,
        pytest.raises(openai.InternalServerError, match="no output"),
    ):
        client.responses.create(model="a/b", input="Hi")


@pytest.mark.parametrize("size", [1, 7, 20])
def test_a_key_that_comes_over_several_events_is_hidden(client_of: Client, size: int) -> None:
    text = f"here {KEY} it is, and sk-or"
    parts = [delta(text[at : at + size]) for at in range(0, len(text), size)]
    done = {**delta(""), "type": "response.output_text.done", "text": "x"}
    with client_of(events(CREATED, *parts, done, COMPLETED)) as client:
        shown = text_of(streamed(client))
    assert KEY not in shown
    assert shown.startswith("here ") and shown.endswith(" it is, and sk-or")


def test_the_end_of_another_text_reveals_no_part_of_a_key(client_of: Client) -> None:
    parts = [delta(f"here {KEY[:15]}"), delta(f"{KEY[15:]} it is")]
    other = {**delta(""), "type": "response.output_text.done", "content_index": 1, "text": "x"}
    with client_of(events(CREATED, parts[0], other, parts[1], COMPLETED)) as client:
        shown = text_of(streamed(client))
    assert KEY not in shown
    assert shown.startswith("here ") and shown.endswith(" it is")
