"""What a session may cost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from openrouter_connector import BudgetError, Connector, FileStore, IncompleteError, Result
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import ASK, Answer, Received, completion, response, scripted

QUARTER = response(completion("Hello"))  # costs $0.25


def perform_each(
    connector: Connector, base_url: str, parameters: list[Any], **options: Any
) -> tuple[list[Any], float]:
    """Ask one after another in one session; gives results and errors, and what was spent."""

    async def each() -> tuple[list[Any], float]:
        found: list[Any] = []
        async with connector.connect("sk-or-x", base_url=base_url, **options) as session:
            for one in parameters:
                try:
                    found.append(await session.perform("ask", ASK | one))
                except (BudgetError, IncompleteError) as error:
                    found.append(error)
            return found, session.budget.spent

    return asyncio.run(each())


def test_nothing_is_sent_once_the_budget_is_spent(connector: Connector, store: FileStore) -> None:
    with scripted(QUARTER) as server:
        found, spent = perform_each(connector, server.base_url, [{}] * 4, budget=0.5, files=store)
    assert [type(one) for one in found] == [Result, Result, BudgetError, BudgetError]
    assert (len(server.requests), spent) == (2, 0.5)
    assert "$0.5" in found[2].message


def test_a_budget_of_nothing_sends_nothing(connector: Connector, store: FileStore) -> None:
    with scripted(QUARTER) as server:
        found, _ = perform_each(connector, server.base_url, [{}], budget=0, files=store)
    assert isinstance(found[0], BudgetError) and server.requests == []


def test_without_a_budget_the_cost_is_counted_all_the_same(
    connector: Connector, store: FileStore
) -> None:
    with scripted(QUARTER) as server:
        _, spent = perform_each(connector, server.base_url, [{}] * 3, files=store)
    assert spent == 0.75


def test_an_answer_that_failed_is_counted_if_it_cost_something(
    connector: Connector, store: FileStore
) -> None:
    with scripted(response(completion(None))) as server:
        found, spent = perform_each(connector, server.base_url, [{}], files=store)
    assert isinstance(found[0], IncompleteError) and spent == 0.25


def test_the_second_round_is_stopped_by_the_budget(connector: Connector, store: FileStore) -> None:
    schema = {"responseFormat": "JSON", "responseSchema": {"type": "object"}}
    catalogue = response({"data": []})
    with scripted(catalogue, response(completion("no JSON"))) as server:
        asked = [{"response": schema}]
        found, spent = perform_each(connector, server.base_url, asked, budget=0.25, files=store)
    assert isinstance(found[0], IncompleteError) and spent == 0.25
    assert [request.method for request in server.requests] == ["GET", "POST"]


def test_the_cost_of_speech_counts_too(
    connector: Connector, sandbox: Sandbox, store: FileStore
) -> None:
    async def spoken() -> float:
        options: dict[str, Any] = {"base_url": sandbox.base_url, "files": store}
        async with connector.connect(sandbox.token, **options) as session:
            asked = {"model": "sandbox/speaker", "input": "Hello", "voice": "alba"}
            cost = (await session.perform("createSpeech", asked)).metadata.cost
            assert cost is not None and session.budget.spent == cost
            return cost

    assert asyncio.run(spoken()) == pytest.approx(0.00006)


def test_a_cost_that_never_appears_is_said(connector: Connector, store: FileStore) -> None:
    sound = response(b"\xff\xf3" * 50, kind="audio/mpeg", headers={"X-Generation-Id": "gen-1"})
    asked = {"model": "a/b", "input": "Hello", "voice": "alba"}
    with scripted(sound, response({"error": {"message": "odd"}}, 400)) as server:
        result = connector.run(
            "createSpeech", asked, "sk-or-x", base_url=server.base_url, files=store
        )
    assert result.metadata.cost is None
    assert any("cost of gen-1 is not known" in told for told in result.metadata.warnings)
    assert server.requests[1].path == "/api/v1/generation?id=gen-1"


@pytest.mark.parametrize("cost", ["NaN", "-100", "1e999", "true", "9" * 400, '"free"', "[1]"])
def test_an_impossible_cost_of_a_speech_leaves_the_budget_as_it_was(
    connector: Connector, store: FileStore, cost: str
) -> None:
    def answer(received: Received) -> Answer:
        if received.method == "GET":
            return response(f'{{"data": {{"total_cost": {cost}}}}}')
        return response(
            b"\xff\xfb\x90\x00" * 9, kind="audio/mpeg", headers={"X-Generation-Id": "g"}
        )

    async def spoken(base_url: str) -> tuple[Result, float]:
        options: dict[str, Any] = {"base_url": base_url, "files": store, "budget": 1.0}
        async with connector.connect("sk-or-x", **options) as session:
            speech = {"model": "a/b", "voice": "a", "input": "Hello"}
            result = await session.perform("createSpeech", speech)
            return result, session.budget.spent

    with scripted(answer) as server:
        result, spent = asyncio.run(spoken(server.base_url))
    assert (result.metadata.cost, spent) == (None, 0.0)
    assert any("the cost of g is not known" in told for told in result.metadata.warnings)


def test_a_cost_that_is_no_amount_is_a_warning(connector: Connector, store: FileStore) -> None:
    with scripted(response(completion("Hello", usage={"cost": -5}))) as server:
        result = connector.run("ask", ASK, "sk-or-x", base_url=server.base_url, files=store)
    assert result.metadata.cost is None
    assert any("cost is not known" in told for told in result.metadata.warnings)
