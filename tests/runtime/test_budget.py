"""What a session may cost."""

from __future__ import annotations

import asyncio
import time
from threading import Event
from typing import Any

import pytest

from openrouter_connector import BudgetError, Connector, FileStore, IncompleteError, Result
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import (
    ASK,
    HANGS,
    Answer,
    Received,
    Scripted,
    completion,
    response,
    scripted,
)
from support.waiting import until

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


def test_a_cost_that_never_appears_is_reported(connector: Connector, store: FileStore) -> None:
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


CENT = response(completion("Hello", usage={"cost": 0.01}))


def at_once(
    connector: Connector, base_url: str, calls: list[Any], **options: Any
) -> tuple[list[Any], float]:
    """Ask all at once in one session; gives results and errors, and what was spent."""

    async def together() -> tuple[list[Any], float]:
        async with connector.connect("sk-or-x", base_url=base_url, **options) as session:
            asked = [session.perform("ask", ASK | one) for one in calls]
            found = await asyncio.gather(*asked, return_exceptions=True)
            return list(found), session.budget.spent

    return asyncio.run(together())


def test_a_hundred_calls_at_once_stay_within_the_budget(
    connector: Connector, store: FileStore
) -> None:
    with scripted(CENT) as server:
        found, spent = at_once(connector, server.base_url, [{}] * 100, budget=0.02, files=store)
    assert len(server.requests) == 2 and spent == pytest.approx(0.02)
    assert [type(one) for one in found].count(BudgetError) == 98


def test_calls_at_once_use_the_whole_budget(connector: Connector, store: FileStore) -> None:
    with scripted(CENT) as server:
        found, spent = at_once(connector, server.base_url, [{}] * 30, budget=0.3, files=store)
    assert all(isinstance(one, Result) for one in found)
    assert spent == pytest.approx(0.3)


def test_a_budget_is_passed_at_most_by_what_calls_cost_above_the_average(
    connector: Connector, store: FileStore
) -> None:
    costs = iter([0.01, *[0.015] * 99])

    def answer(received: Received) -> Answer:
        return response(completion("Hello", usage={"cost": next(costs)}))

    with scripted(answer) as server:
        _, spent = at_once(connector, server.base_url, [{}] * 100, budget=0.1, files=store)
        running = len(server.requests) - 1
    assert 0.1 <= spent <= 0.1 + running * 0.005


def test_a_budget_is_passed_at_most_by_the_first_call_of_each_model(
    connector: Connector, store: FileStore
) -> None:
    models = [{"model": f"a/{number % 3}"} for number in range(30)]
    with scripted(QUARTER) as server:
        _, spent = at_once(connector, server.base_url, models, budget=0.3, files=store)
    assert spent <= 0.3 + 3 * 0.25


def test_calls_that_fail_for_free_use_nothing_up(connector: Connector, store: FileStore) -> None:
    refused = response({"error": {"message": "no"}}, 400)
    with scripted(refused, refused, CENT) as server:
        found, spent = at_once(connector, server.base_url, [{}] * 4, budget=0.02, files=store)
    assert [type(one) for one in found].count(Result) == 2
    assert len(server.requests) == 4 and spent == pytest.approx(0.02)


def test_a_server_that_names_no_costs_is_asked_at_once(
    connector: Connector, store: FileStore
) -> None:
    free = response(completion("Hello", usage={}))
    with scripted(free) as server:
        found, _ = at_once(connector, server.base_url, [{}] * 20, budget=0.01, files=store)
    assert all(isinstance(one, Result) for one in found)


def test_a_call_that_was_cancelled_gives_back_what_it_reserved(
    connector: Connector, store: FileStore
) -> None:
    async def cancelled(base_url: str) -> list[Any]:
        options: Any = {"base_url": base_url, "files": store, "budget": 0.02}
        async with connector.connect("sk-or-x", **options) as session:
            found: list[Any] = [await session.perform("ask", ASK)]
            hanging = asyncio.create_task(session.perform("ask", ASK))
            await asyncio.to_thread(arrived.wait, 9)
            with pytest.raises(BudgetError, match="does not cover"):
                await session.perform("ask", ASK)
            hanging.cancel()
            await asyncio.wait([hanging])
            return [*found, await session.perform("ask", ASK)]

    answers, arrived = iter([CENT, HANGS, CENT]), Event()

    def answer(_: Received) -> Answer:
        given = next(answers)
        if given is HANGS:
            arrived.set()
        return given

    with scripted(answer) as server:
        assert len(asyncio.run(cancelled(server.base_url))) == 2


def test_a_slow_reader_does_not_stop_the_other_calls_of_its_model(
    connector: Connector, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrouter_connector.runtime.budget.PATIENCE", 0.1)

    async def both(server: Scripted) -> Any:
        async with connector.connect(
            "sk-or-x", base_url=server.base_url, budget=1, files=store
        ) as session:
            first = asyncio.create_task(session.perform("ask", ASK))
            await until(lambda: server.requests)
            second = await asyncio.wait_for(session.perform("ask", ASK), 10)
            first.cancel()
            return second, session.budget.spent

    with scripted(HANGS, QUARTER) as server:
        result, spent = asyncio.run(both(server))
    assert (result.output, spent) == ("Hello", 0.25)


def test_one_call_goes_first_however_many_wait_too_long(
    connector: Connector, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrouter_connector.runtime.budget.PATIENCE", 0.2)

    async def many(base_url: str) -> tuple[int, float]:
        async with connector.connect(
            "sk-or-x", base_url=base_url, budget=1, files=store
        ) as session:
            began = time.monotonic()
            calls = [asyncio.create_task(session.perform("ask", ASK)) for _ in range(20)]
            await asyncio.sleep(0.5)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            waited = time.monotonic() - began
        return len(server.requests), waited

    with scripted(*[HANGS] * 20) as server:
        sent, waited = asyncio.run(many(server.base_url))
    assert sent <= 2 + waited / 0.2  # one at once, and one each 0.2 seconds


def test_a_cancelled_call_costs_the_average(connector: Connector, store: FileStore) -> None:
    async def cancelled(server: Scripted) -> float:
        async with connector.connect(
            "sk-or-x", base_url=server.base_url, budget=1, files=store
        ) as session:
            await session.perform("ask", ASK)
            call = asyncio.create_task(session.perform("ask", ASK))
            await until(lambda: len(server.requests) == 2)
            await asyncio.sleep(0.1)  # for the first bytes of the answer
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            return session.budget.spent

    begun = Answer((b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{",), then="hang")
    with scripted(QUARTER, begun) as server:
        assert asyncio.run(cancelled(server)) == 0.5


def test_a_spent_budget_lets_free_calls_through(connector: Connector, store: FileStore) -> None:
    with scripted(response({"data": []})) as server:
        result = connector.run(
            "listModels", {}, token="sk-or-x", base_url=server.base_url, budget=0, files=store
        )
    assert result.output == []
