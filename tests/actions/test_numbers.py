"""Whole numbers that JSON wrote as floats, and what is counted once."""

from __future__ import annotations

import asyncio

import pytest

from openrouter_connector import Connector, IncompleteError
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform
from support.scripted_server import completion, response, scripted


def test_a_whole_float_is_a_whole_number(connector: Connector) -> None:
    with scripted(response(completion())) as server:
        given = {"model": "a/b", "userPrompt": "Hi", "maxTokens": 20.0, "temperature": 1.0}
        connector.run("ask", given, base_url=server.base_url)
        assert '"max_tokens":20,' in server.requests[0].body.decode()
        assert '"temperature":1.0' in server.requests[0].body.decode()


def test_parts_may_be_counted_in_floats(perform: Perform) -> None:
    given = {"model": "sandbox/speaker", "voice": "alba", "input": "One. " * 40}
    result = perform("createSpeech", given | {"partLength": 60.0, "maxConcurrentParts": 2.0})
    assert result.output.extension == "mp3"


def test_to_look_at_a_job_again_costs_nothing_more(connector: Connector, played: Sandbox) -> None:
    async def spent() -> tuple[float, float]:
        place = {"base_url": played.base_url, "token": played.token}
        async with connector.connect(**place) as session:  # type: ignore[arg-type]
            film = {"model": "sandbox/filmer", "prompt": "A boat"}
            made = await session.perform("createVideo", film)
            once = session.budget.spent
            for _ in range(2):
                await session.perform("getVideo", {"jobId": made.metadata.job_id})
            await session.perform("createVideo", film | {"jobId": made.metadata.job_id})
            return once, session.budget.spent

    once, again = asyncio.run(spent())
    assert once == again > 0


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("createEmbeddings", {"input": "a"}),
        ("createRerank", {"query": "a", "documents": ["b"]}),
    ],
)
def test_an_empty_list_is_no_answer_to_what_is_paid_for(
    perform: Perform, action: str, given: dict[str, object]
) -> None:
    with pytest.raises(IncompleteError):
        perform(action, {"model": "sandbox/null-content", **given})
