"""One call for each of a list of pictures: in order, so many at a time, none lost by another."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from contextlib import aclosing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from openrouter_connector import (
    BudgetError,
    Connector,
    ConnectorError,
    CredentialError,
    Event,
    FileError,
    FileStore,
    PaymentError,
    UnavailableError,
)
from support.command import Command
from support.definitions import toy
from support.images import written
from support.scripted_server import (
    HANGS,
    Answer,
    Received,
    Scripted,
    completion,
    response,
    scripted,
)
from support.waiting import until

TASK = {"model": "a/b", "taskType": "caption"}


def image(width: int) -> str:
    """A picture that is told by its width, as a URL."""
    content = written(Image.new("RGB", (width, 8)), "PNG")
    return f"data:image/png;base64,{b64encode(content).decode()}"


def seen(received: Received) -> int:
    """Tell the width of the picture in a request."""
    asked = next(one for one in received.json["messages"] if one["role"] == "user")
    content = b64decode(asked["content"][-1]["image_url"]["url"].partition(",")[2])
    return Image.open(BytesIO(content)).width


def sees(received: Received) -> Answer:
    """Answer with the width; 13 is an error, and the models cannot be listed."""
    if received.method == "GET":
        return response({"error": "no list"}, 404)
    if seen(received) == 13:
        return response({"error": {"message": "unlucky"}}, 400)
    return response(completion(f"{seen(received)} wide"))


def slowly(received: Received) -> Answer:
    """Take longer for the earlier pictures."""
    answer = sees(received)
    if received.method == "GET":
        return answer
    return replace(answer, pieces=(b"", *answer.pieces), pause=0.02 * (9 - seen(received)))


class Faulty(httpx.AsyncHTTPTransport):
    """Stands for a fault of our own: it cannot send a picture, nor the second question for one."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = await request.aread()
        if image(13).encode() in asked or b"assistant" in asked:
            raise KeyError(f"what a user wrote: {image(13)}")
        return await super().handle_async_request(request)


class Unwilling(httpx.AsyncHTTPTransport):
    """Stands for another fault of our own: it fails of being cancelled."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except asyncio.CancelledError:
            raise KeyError("cancelled") from None


def posted(server: Scripted) -> list[Received]:
    return [one for one in server.requests if one.method == "POST"]


def looked(server: Scripted, images: list[Any], **more: Any) -> Any:
    given = {**TASK, "images": images, **more.pop("given", {})}
    return Connector.load(cache=False).run(
        "analyzeImages", given, base_url=server.base_url, attempts=1, **more
    )


def test_results_come_in_the_order_of_the_pictures() -> None:
    with scripted(slowly) as server:
        result = looked(server, [image(width) for width in (1, 5, 8, 3)])
    assert [row["text"] for row in result.output] == ["1 wide", "5 wide", "8 wide", "3 wide"]
    assert [row["index"] for row in result.output] == [0, 1, 2, 3]
    assert all(row["error"] is None for row in result.output)


def test_one_failure_does_not_lose_the_others() -> None:
    with scripted(sees) as server:
        result = looked(server, [image(width) for width in (1, 13, 3)])
    assert [row["text"] for row in result.output] == ["1 wide", None, "3 wide"]
    assert result.output[1]["error"]["message"] == "unlucky"
    assert "1 of 3 images failed" in result.metadata.warnings


def test_a_fault_of_our_own_does_not_lose_the_others(caplog: pytest.LogCaptureFixture) -> None:
    with scripted(sees) as server:
        images = [image(width) for width in (1, 13, 3)]
        given = {"maxConcurrentRequests": 1}
        result = looked(server, images, given=given, backend=Faulty())
    assert [row["text"] for row in result.output] == ["1 wide", None, "3 wide"]
    assert result.output[1]["error"] == {
        "type": "ConnectorError",
        "message": "an internal error of the connector (KeyError); please report it",
    }
    assert "1 of 3 images failed" in result.metadata.warnings
    assert "handle_async_request" in caplog.text  # where it was
    assert "what a user wrote:" not in caplog.text.replace('KeyError(f"what a user wrote:', "")


def test_what_was_paid_before_a_fault_of_our_own_is_counted() -> None:
    def knows(received: Received) -> Answer:
        if received.method == "POST" and seen(received) == 2:
            return response(completion('{"class": "cat", "confidence": 0.9}'))
        return sees(received)

    with scripted(knows) as server:
        given = {"taskType": "classification", "classes": ["cat"]}
        result = looked(server, [image(1), image(2)], given=given, backend=Faulty())
    assert [row["cost"] for row in result.output] == [0.25, 0.25]
    assert result.output[0]["error"]["type"] == "ConnectorError"
    assert result.metadata.cost == pytest.approx(0.5)


def test_a_fault_of_our_own_is_raised_with_its_cause_when_all_fail() -> None:
    told = r"^all 2 images failed.*\(KeyError\)"
    with scripted(sees) as server, pytest.raises(ConnectorError, match=told) as caught:
        looked(server, [image(13), image(13)], backend=Faulty())
    assert isinstance(caught.value.__cause__, KeyError)


def test_what_is_no_picture_is_not_paid_for() -> None:
    broken = "data:image/png;base64,aGVsbG8="
    with scripted(sees) as server:
        result = looked(server, [image(1), broken])
        assert len(posted(server)) == 1
    error = result.output[1]["error"]
    assert error["type"] == "FileError"
    assert error["path"] == "images[1]"
    assert error["message"].startswith("images[1]: ")


def test_the_first_failure_is_raised_when_all_fail() -> None:
    with scripted(sees) as server, pytest.raises(Exception, match=r"all 2 images failed.*unlucky"):
        looked(server, [image(13), image(13)])


def test_a_single_failure_is_raised_as_it_is() -> None:
    with scripted(sees) as server, pytest.raises(FileError, match=r"^images\[0\]"):
        looked(server, ["data:image/png;base64,aGVsbG8="])


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_go_at_once_than_are_allowed(most: int) -> None:
    with scripted(slowly) as server:
        looked(server, [image(8) for _ in range(9)], given={"maxConcurrentRequests": most})
        assert server.busiest == most


@pytest.mark.parametrize(("status", "kind"), [(401, CredentialError), (402, PaymentError)])
def test_no_further_picture_is_sent_when_all_would_fail(status: int, kind: type[Exception]) -> None:
    def refuses(received: Received) -> Answer:
        return response({"error": "no"}, status) if received.method == "POST" else sees(received)

    with scripted(refuses) as server:
        with pytest.raises(kind):
            looked(server, [image(1)] * 20, given={"maxConcurrentRequests": 2})
        assert len(posted(server)) <= 2


def test_what_was_seen_before_the_credits_ran_out_is_kept() -> None:
    def poor(received: Received) -> Answer:
        if received.method == "POST" and seen(received) > 2:
            return response({"error": "no credits"}, 402)
        return sees(received)

    images = [image(width) for width in (1, 2, 3, 4)]
    with scripted(poor) as server:
        result = looked(server, images, given={"maxConcurrentRequests": 1})
        assert len(posted(server)) == 3
    assert [row["text"] for row in result.output] == ["1 wide", "2 wide", None, None]
    assert {row["error"]["type"] for row in result.output[2:]} == {"PaymentError"}


def test_the_budget_holds_between_pictures() -> None:
    with scripted(sees) as server:
        result = looked(server, [image(1)] * 5, budget=0.9, given={"maxConcurrentRequests": 1})
        assert len(posted(server)) == 3  # each costs 0.25
    assert {row["error"]["type"] for row in result.output[3:]} == {BudgetError.__name__}
    assert result.metadata.cost == pytest.approx(0.75)


def test_the_cost_of_an_answer_that_could_not_be_used_is_counted() -> None:
    with scripted(sees) as server:
        images = [image(1), image(2)]
        given = {"taskType": "classification", "classes": ["cat"]}
        with pytest.raises(Exception, match="all 2 images failed"):
            looked(server, images, given=given)

    def knows(received: Received) -> Answer:
        if received.method == "POST" and seen(received) == 2:
            return response(completion('{"class": "cat", "confidence": 0.9}'))
        return sees(received)

    with scripted(knows) as server:
        result = looked(server, images, given=given)
    assert result.output[0]["cost"] == pytest.approx(0.5)  # asked a second time, in vain
    assert result.output[1]["answer"] == {"class": "cat", "confidence": 0.9}
    assert result.metadata.cost == pytest.approx(0.75)


def test_usage_is_added_up() -> None:
    with scripted(sees) as server:
        result = looked(server, [image(1), image(2)])
    assert (result.metadata.usage or {})["total_tokens"] == 10
    assert result.metadata.attempts == 2
    assert result.metadata.models == ("a/b",)


def test_progress_is_reported_after_each_image() -> None:
    async def steps(server: Scripted) -> list[tuple[int, int | None, str]]:
        async with Connector.load(cache=False).connect(base_url=server.base_url) as session:
            given = {**TASK, "images": [image(1), image(2)]}
            found = session.events("analyzeImages", given)
            return [(e.done, e.total, e.unit) async for e in found if e.type == "progress"]

    with scripted(sees) as server:
        assert asyncio.run(steps(server)) == [(1, 2, "images"), (2, 2, "images")]


def test_each_progress_brings_the_row_that_came() -> None:
    images = [image(width) for width in (1, 13, 8)] + ["data:image/png;base64,aGVsbG8="]

    async def steps(server: Scripted) -> list[Event]:
        connector = Connector.load(cache=False)
        async with connector.connect(base_url=server.base_url, attempts=1) as session:
            return [e async for e in session.events("analyzeImages", {**TASK, "images": images})]

    with scripted(slowly) as server:
        _, *came, last = asyncio.run(steps(server))
    rows, result = [event.row or {} for event in came], last.result
    assert result
    assert [row["index"] for row in rows] != [0, 1, 2, 3]  # as they end
    told_of_all = result.metadata.warnings
    for row in rows:
        row["warnings"] = [told for told in row["warnings"] if told not in told_of_all]
    assert sorted(rows, key=lambda row: row["index"]) == result.output
    assert result.output[3]["error"]["path"] == "images[3]"


def test_who_leaves_ends_all_calls() -> None:
    async def leave(server: Scripted) -> None:
        async with Connector.load(cache=False).connect(base_url=server.base_url) as session:
            given = {**TASK, "images": [image(1)] * 50, "maxConcurrentRequests": 2}
            async with aclosing(session.events("analyzeImages", given)) as steps:
                async for step in steps:
                    if step.done == 1:
                        break
        assert len(posted(server)) <= 4

    with scripted(slowly) as server:
        asyncio.run(leave(server))


def test_a_call_that_cannot_be_cancelled_is_the_last() -> None:
    def hangs(received: Received) -> Answer:
        return HANGS if received.method == "POST" and seen(received) == 2 else sees(received)

    async def leave(server: Scripted) -> None:
        connector = Connector.load(cache=False)
        async with connector.connect(base_url=server.base_url, backend=Unwilling()) as session:
            images = [image(width) for width in (1, 2, 3, 4)]
            given = {**TASK, "images": images, "maxConcurrentRequests": 1}
            async with aclosing(session.events("analyzeImages", given)) as steps:
                async for step in steps:
                    if step.done == 1:
                        await until(lambda: len(posted(server)) == 2)  # the second hangs
                        break
        assert len(posted(server)) == 2

    with scripted(hangs) as server:
        asyncio.run(leave(server))


def test_an_image_that_was_changed_says_so() -> None:
    with scripted(sees) as server:
        result = looked(server, [image(900), image(3)], given={"longestSide": 100})
    assert result.output[0]["text"] == "100 wide"
    assert any("100" in told for told in result.output[0]["warnings"])
    assert result.output[1]["warnings"] == []


def test_boxes_are_drawn_on_a_copy(store: FileStore) -> None:
    box = {"label": "cat", "box": [0, 0, 500, 1000], "confidence": 0.8}

    def finds(received: Received) -> Answer:
        return (
            response(completion(str([box]).replace("'", '"'))) if received.body else sees(received)
        )

    with scripted(finds) as server:
        given = {"taskType": "object-detection"}
        result = looked(server, [image(200)], given=given, files=store)
        without = looked(server, [image(200)], given=given | {"drawBoxes": False}, files=store)
    row = result.output[0]
    assert row["answer"]["boxes"][0]["pixels"] == {"x": 0, "y": 0, "width": 100, "height": 8}
    assert set(row["annotated"]) == {"extension", "mimeType", "name", "url"}
    assert [file.to_json() for file in result.metadata.files] == [row["annotated"]]
    assert without.output[0]["annotated"] is None


def test_a_class_that_no_font_can_write_is_reported_in_its_row(store: FileStore) -> None:
    nowhere = "\U000f0001\U000f0002"  # for private use: no font has these letters
    box = f'[{{"label": "{nowhere}", "box": [0, 0, 500, 1000]}}]'

    def finds(received: Received) -> Answer:
        return response(completion(box)) if received.body else sees(received)

    with scripted(finds) as server:
        result = looked(server, [image(200)], given={"taskType": "object-detection"}, files=store)
    told = result.output[0]["warnings"]
    assert any(one.startswith(f"no font on this machine can draw {nowhere}") for one in told)


def test_a_server_that_is_away_fails_all() -> None:
    with pytest.raises(UnavailableError, match="all 2 images failed"):
        Connector.load(cache=False).run(
            "analyzeImages",
            {**TASK, "images": [image(1), image(2)]},
            base_url="http://127.0.0.1:9/v1",
            attempts=1,
        )


def test_a_check_looks_at_every_picture() -> None:
    given = {**TASK, "images": [image(1), "data:image/png;base64,aGVsbG8=", image(900)]}
    found = Connector.load(cache=False).check("analyzeImages", given | {"longestSide": 100})
    assert [problem.path for problem in found.problems] == ["images[1]"]
    assert any("100" in warning for warning in found.warnings)
    assert found.call is not None and found.call.body is not None
    assert len(found.call.body["messages"][-1]["content"]) == 2  # a text, and one picture


EMPTY = """
forEach: {property: texts, concurrency: parallel, unit: texts}
properties:
  - {name: texts, type: ARRAY, required: true, items: {type: STRING}}
  - {name: parallel, type: INTEGER, required: true, defaultValue: 1, send: false}
"""


def test_an_empty_list_returns_no_rows_and_costs_nothing(tmp_path: Path) -> None:
    component = toy(tmp_path, act=EMPTY)
    with scripted() as server:
        result = component.run("act", {"texts": []}, base_url=server.base_url)
    assert (result.output, result.metadata.cost, server.requests) == ([], 0.0, [])


def test_a_check_of_an_empty_list_finds_no_problem(tmp_path: Path, command: Command) -> None:
    toy(tmp_path, act=EMPTY)
    checked = command("check", "act", "--connector", str(tmp_path), "-p", "texts=[]")
    assert (checked.code, checked.out) == (0, "")
    assert "No problems found. act would send no request." in checked.err
