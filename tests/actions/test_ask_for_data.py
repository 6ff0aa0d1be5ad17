"""`ask` for data: how a schema is sent, and an answer that is held to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from openrouter_connector import Connector, Event, FileStore, IncompleteError, InputError, Result
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import ASK, completion, response, scripted

Ask = Callable[..., Result]
Sent = Callable[[], Any]
Count = Callable[[], int]

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}


def json_of(schema: Any) -> Any:
    return {"responseFormat": "JSON", "responseSchema": schema}


def test_a_model_that_can_is_held_to_the_schema(ask: Ask, sent: Sent) -> None:
    result = ask(response=json_of(json.dumps(PERSON)))
    assert sent()["response_format"] == {
        "type": "json_schema",
        "json_schema": {
            "name": "answer",
            "strict": True,
            "schema": {**PERSON, "additionalProperties": False},
        },
    }
    assert set(result.output) == {"name", "age"}
    assert result.metadata.attempts == 1


def test_a_schema_can_be_an_object_and_its_title_names_it(ask: Ask, sent: Sent) -> None:
    schema = PERSON | {"title": "A person, née?"}
    assert set(ask(response=json_of(schema)).output) == {"name", "age"}
    assert sent()["response_format"]["json_schema"]["name"] == "A_person_n_e_"


def test_a_schema_that_leaves_a_choice_is_not_strict(ask: Ask, sent: Sent) -> None:
    schema = PERSON | {"required": ["name"]}
    ask(response=json_of(schema))
    described = sent()["response_format"]["json_schema"]
    assert (described["strict"], described["schema"]) == (False, schema)


def test_a_model_that_knows_no_schema_gets_it_in_the_prompt(ask: Ask, sent: Sent) -> None:
    result = ask(model="sandbox/no-schema", response=json_of(PERSON))
    assert sent()["response_format"] == {"type": "json_object"}
    assert json.dumps(PERSON) in sent()["messages"][-1]["content"]
    assert set(result.output) == {"name", "age"}  # out of a code fence


def test_a_model_that_knows_no_json_gets_the_schema_in_the_prompt_alone(
    ask: Ask, sent: Sent
) -> None:
    with pytest.raises(IncompleteError):
        ask(model="sandbox/bare", response=json_of(PERSON))
    assert "response_format" not in sent()
    assert json.dumps(PERSON) in sent()["messages"][1]["content"]


def test_an_answer_that_does_not_fit_is_requested_once_more(
    ask: Ask, sent: Sent, count: Count
) -> None:
    before = count()
    with pytest.raises(IncompleteError) as caught:
        ask(model="sandbox/never-json", response=json_of(PERSON))
    assert count() == before + 2
    assert caught.value.partial == (
        "I would rather tell you about it in words. There is no JSON in this answer."
    )
    asked = sent()["messages"]
    assert asked[-2] == {"role": "assistant", "content": caught.value.partial}
    assert asked[-1]["role"] == "user" and "not JSON" in asked[-1]["content"]


def test_a_second_answer_that_fits_is_the_result(ask: Ask, count: Count) -> None:
    before = count()
    result = ask(model="sandbox/prose-json", response=json_of(PERSON))
    assert set(result.output) == {"name", "age"}
    assert count() == before + 2
    metadata = result.metadata
    assert metadata.attempts == 2
    assert (metadata.cost or 0) > (metadata.usage or {})["cost"] > 0
    assert any("sent a second request, because" in told for told in metadata.warnings)


def test_data_comes_whole_also_in_a_stream_and_is_requested_once_more(
    connector: Connector, played: Sandbox, count: Count
) -> None:
    before = count()
    parameters = {"model": "sandbox/prose-json", "userPrompt": "Who?", "response": json_of(PERSON)}

    async def streamed() -> list[Event]:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return [event async for event in session.stream("ask", parameters)]

    seen = asyncio.run(streamed())

    assert [event.type for event in seen] == ["started", "result"]
    assert seen[-1].result and set(seen[-1].result.output) == {"name", "age"}
    assert count() == before + 2


@pytest.mark.parametrize("schema", ["{oops", "[]", '{"type": "nothing"}', {"type": 1}, "7"])
def test_an_invalid_schema_is_refused(ask: Ask, count: Count, schema: Any) -> None:
    before = count()
    with pytest.raises(InputError, match=r"response\.responseSchema"):
        ask(response=json_of(schema))
    assert count() == before


def test_a_schema_is_needed_for_data(ask: Ask) -> None:
    with pytest.raises(InputError, match=r"response\.responseSchema.*missing"):
        ask(response={"responseFormat": "JSON"})


def test_why_a_schema_is_not_strict_is_reported_before_and_after(
    ask: Ask, sent: Sent, connector: Connector, played: Sandbox
) -> None:
    schema = PERSON | {"required": ["name"]}
    told = "response.responseSchema: the schema is not sent as strict, since it has optional"
    assert any(one.startswith(told) for one in ask(response=json_of(schema)).metadata.warnings)
    assert json.dumps(schema) in sent()["messages"][-1]["content"]

    async def checked() -> Any:
        asked = {"model": "sandbox/echo", "userPrompt": "Who?", "response": json_of(schema)}
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return await session.check("ask", asked)

    assert any(one.startswith(told) for one in asyncio.run(checked()).warnings)


def test_a_list_is_requested_inside_an_object_and_comes_out_of_it(ask: Ask, sent: Sent) -> None:
    result = ask(response=json_of({"type": "array", "items": {"type": "string"}}))
    assert isinstance(result.output, list)
    assert sent()["response_format"]["json_schema"]["schema"]["type"] == "object"


def test_an_answer_too_large_to_judge_is_not_lost(connector: Connector, store: FileStore) -> None:
    schema = {"type": "array", "items": {"type": "array", "items": {}}}
    value = [[1] * 400] * 400
    asked = ASK | {"response": json_of(schema)}
    with scripted(response({"data": []}), response(completion(json.dumps(value)))) as server:
        found = connector.run("ask", asked, base_url=server.base_url, files=store)
    assert found.output == value
    warnings = found.metadata.warnings
    assert any("not fully validated against the schema" in warning for warning in warnings)
    assert len(server.requests) == 2


def test_a_pattern_that_is_not_checked_is_reported(ask: Ask) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=s)"}}}
    warnings = ask(response=json_of(schema)).metadata.warnings
    assert any("properties.a.pattern" in one and "is not checked" in one for one in warnings)
