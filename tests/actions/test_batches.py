"""`createBatch`, `runBatch` and their like: many requests in one call, read back line by line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import (
    ApiError,
    Connector,
    Event,
    JobFailedError,
    NotFoundError,
)
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform
from support.scripted_server import Answer, Received, completion, response, scripted

URL = "https://example.com/photo.png"
HELLO = [{"role": "user", "content": "Hello"}]
ECHO = {"model": "sandbox/echo"}
ASKED = ECHO | {"requests": [{"userPrompt": f"Number {n}"} for n in range(3)]}

Lines = Callable[..., list[Any]]


@pytest.fixture
def lines(perform: Perform, stored: Callable[[Any], bytes]) -> Lines:
    """Run a batch; gives the lines of its file."""

    def read(parameters: Any, **options: Any) -> list[Any]:
        output = perform("runBatch", parameters, **options).output
        return [json.loads(line) for line in stored(output).splitlines()]

    return read


ALONE: dict[str, Any] = {
    "ask": {"userPrompt": "Hello", "systemPrompt": "Be brief", "attachments": [URL]},
    "vision": {"prompt": "What is it?", "imageUrls": [URL]},
    "sendChatCompletion": {"messages": HELLO, "seed": 5},
    "createResponse": {"input": "Hello", "instructions": "Be brief"},
    "createMessage": {"messages": HELLO, "maxTokens": 99},
    "createEmbeddings": {"model": "sandbox/indexer", "input": ["a", "b"]},
}


@pytest.mark.parametrize("action", [name for name in ALONE if name != "vision"])
def test_each_request_of_a_batch_is_answered_as_the_action_is_alone_at_half_the_price(
    perform: Perform, lines: Lines, action: str
) -> None:
    parameters = ECHO | ALONE[action]
    parameters.pop("attachments", None)  # alone, the file would be fetched
    alone = perform(action, parameters)
    model = parameters.pop("model")
    [line] = lines({"model": model, "action": action, "requests": [parameters]})
    assert (line["index"], line["error"]) == (0, None)
    assert line["metadata"]["model"] == alone.metadata.model
    assert line["cost"] == pytest.approx((alone.metadata.cost or 0) / 2)
    assert _without_ids(line["output"]) == _without_ids(alone.output)


def _without_ids(value: Any) -> Any:
    """Leave out what differs from one call to the next: ids, times, and what it cost."""
    if isinstance(value, dict):
        differ = {"id", "created", "created_at", "completed_at", "usage"}
        return {key: _without_ids(item) for key, item in value.items() if key not in differ}
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("action", ALONE)
def test_a_request_has_the_body_of_a_single_call_and_files_stay_at_their_urls(
    perform: Perform, sent: Callable[[], Any], action: str
) -> None:
    parameters = ECHO | ALONE[action]
    model = parameters.pop("model")
    perform("createBatch", {"model": model, "action": action, "requests": [parameters]})
    batch = sent()
    assert list(batch) == ["endpoint", "model", "requests"]
    [request] = batch["requests"]
    if ALONE[action].keys() & {"attachments", "imageUrls"}:
        parts = request["body"]["messages"][-1]["content"]
        assert parts[-1] == {"type": "image_url", "image_url": {"url": URL}}
        return
    perform(action, parameters | {"model": model})
    assert request["body"] == sent()


def test_lines_have_the_order_of_the_requests_and_their_ids(lines: Lines) -> None:
    requests = [
        {"userPrompt": str(n), **({"customId": f"z{9 - n}"} if n else {})} for n in range(9)
    ]
    found = lines(ECHO | {"requests": requests, "parameters": {"systemPrompt": "Shared"}})
    assert [line["index"] for line in found] == list(range(9))
    assert [line["customId"] for line in found[1:]] == [f"z{9 - n}" for n in range(1, 9)]
    assert all(f"said: {n}\n" in line["output"] for n, line in enumerate(found))
    assert all("Shared" in line["output"] for line in found)


def test_a_file_of_lines_may_hold_parameters_or_bodies(
    lines: Lines, tmp_path: Path, sent: Callable[[], Any]
) -> None:
    file = tmp_path / "requests.jsonl"
    body = {"messages": HELLO, "model": "sandbox/echo"}
    raw = {"custom_id": "b", "method": "POST", "url": "/v1/chat/completions", "body": body}
    file.write_text('{"customId": "a", "userPrompt": "Hi"}\n\n' + json.dumps(raw))
    found = lines(ECHO | {"requestsFile": file})
    assert [line["customId"] for line in found] == ["a", "b"]
    assert "Hello" in found[1]["output"]
    assert sent()["requests"][1] == {"custom_id": "b", "body": body}


def test_an_answer_matches_the_schema_of_its_own_request(lines: Lines) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    response = {"responseFormat": "JSON", "responseSchema": schema}
    requests = [{"userPrompt": "x"}, {"userPrompt": "x", "response": response}]
    text, data = lines(ECHO | {"requests": requests})
    assert isinstance(text["output"], str)
    assert isinstance(data["output"]["a"], str)


def test_progress_has_the_id_and_the_count_of_requests(
    connector: Connector, played: Sandbox
) -> None:
    async def streamed() -> list[Event]:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return [event async for event in session.events("runBatch", ASKED)]

    events = asyncio.run(streamed())
    told = [event for event in events if event.type == "progress"]
    assert told[0].text == "submitted" and told[-1].text == "completed"
    assert {(event.total, event.unit) for event in told} == {(3, "requests")}
    assert told[-1].done == 3
    assert {event.job for event in told} == {events[-1].result.metadata.job_id}  # type: ignore[union-attr]


def test_a_resumed_batch_says_nothing_before_its_first_poll(
    connector: Connector, played: Sandbox
) -> None:
    async def streamed() -> list[Event]:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            job = (await session.perform("runBatch", ASKED)).metadata.job_id
            return [event async for event in session.events("runBatch", {"batchId": job})]

    told = [event.text for event in asyncio.run(streamed()) if event.type == "progress"]
    assert told == ["completed"]


def test_a_failed_request_has_its_error_in_its_line(
    perform: Perform, stored: Callable[[Any], bytes]
) -> None:
    result = perform("runBatch", ASKED | {"model": "sandbox/batch-partly"})
    good, bad, other = [json.loads(line) for line in stored(result.output).splitlines()]
    assert good["error"] is other["error"] is None
    assert bad["error"]["message"].startswith("The sandbox was asked for a batch that fails partly")
    assert (bad["error"]["code"], bad["output"]) == ("provider_unavailable", None)
    assert result.metadata.warnings == ("1 of 3 requests failed; their lines say why",)
    assert result.metadata.cost == pytest.approx(good["cost"] + other["cost"])
    assert (result.metadata.error or {})["message"] == result.metadata.warnings[0]


def test_a_request_that_the_results_lack_and_one_that_nobody_sent_are_said(lines: Lines) -> None:
    first, second, third, stray = lines(ASKED | {"model": "sandbox/batch-gaps"})
    assert first["error"] is third["error"] is None
    assert second["error"]["message"] == "the results of the batch lack this request"
    assert (stray["index"], stray["customId"]) == (None, "nobody-sent-this")


def test_a_result_that_nobody_sent_is_not_counted_as_a_request(perform: Perform) -> None:
    result = perform("runBatch", ASKED | {"model": "sandbox/batch-gaps"})
    assert result.metadata.warnings == (
        "1 of 3 requests failed; their lines say why",
        "results that belong to no request: 1",
    )


def test_what_an_expired_batch_finished_is_kept(
    perform: Perform, stored: Callable[[Any], bytes]
) -> None:
    requests = [{"userPrompt": str(n)} for n in range(4)]
    result = perform("runBatch", {"model": "sandbox/job-expires", "requests": requests})
    found = [json.loads(line)["error"] for line in stored(result.output).splitlines()]
    assert [error is None for error in found] == [False, False, True, True]
    assert "ended as expired, and has no result of this request" in found[0]["message"]
    assert any("ended as expired" in warning for warning in result.metadata.warnings)


def test_an_invalid_request_behind_a_202_fails_the_batch_and_is_named(perform: Perform) -> None:
    requests = [{"userPrompt": "Hi"}, {"userPrompt": "Hi", "extraBody": {"temperature": 9}}]
    with pytest.raises(
        JobFailedError, match=r"ended as failed: Request 'request-000001': temp"
    ) as e:
        perform("runBatch", ECHO | {"requests": requests})
    assert (e.value.job or "").startswith("batch_")
    found = perform("getBatch", {"batchId": e.value.job}).output
    assert (found["status"], found["results"]) == ("failed", None)
    assert "temperature" in found["error"]["message"]


def test_a_batch_is_resumed_by_its_id_without_paying_again(
    perform: Perform, lines: Lines, count: Callable[[], int]
) -> None:
    first = perform("createBatch", ASKED).metadata.job_id
    other = perform("createBatch", ECHO | {"requests": [{"userPrompt": "Other"}]}).metadata.job_id
    found = lines({"batchId": f"{first},{other}"})
    assert [line["index"] for line in found] == [0, 1, 2, 3]
    assert {line["error"] for line in found} == {None}
    ordered = lines(ASKED | {"batchId": first})
    assert [line["output"][-8:] for line in ordered] == ["Number 0", "Number 1", "Number 2"]
    assert count() == 2


def test_the_results_of_a_batch_are_read_by_its_own_endpoint(
    perform: Perform, lines: Lines
) -> None:
    parameters = {"action": "createMessage", "requests": [ALONE["createMessage"]]}
    job = perform("createBatch", ECHO | parameters).metadata.job_id
    [line] = lines({"batchId": job})
    assert line["output"]["type"] == "message"


def test_an_unknown_batch_and_one_of_another_key_are_not_found(perform: Perform) -> None:
    job = perform("createBatch", ASKED).metadata.job_id
    with pytest.raises(NotFoundError):
        perform("runBatch", {"batchId": "batch_unknown"})
    with pytest.raises(NotFoundError):
        perform("getBatch", {"batchId": job}, token="sk-or-v1-another")


def test_only_a_batch_that_has_ended_is_deleted(perform: Perform) -> None:
    running = perform("createBatch", ASKED | {"model": "sandbox/job-never-ends"}).metadata.job_id
    with pytest.raises(ApiError, match="can be deleted") as refused:
        perform("deleteBatch", {"batchId": running})
    assert refused.value.status == 409
    ended = perform("runBatch", ASKED).metadata.job_id
    assert perform("deleteBatch", {"batchId": ended}).output["deletion"]["openrouter"] == "deleted"
    with pytest.raises(NotFoundError):
        perform("getBatch", {"batchId": ended})


def test_the_results_of_get_batch_are_a_file(
    perform: Perform, stored: Callable[[Any], bytes]
) -> None:
    job = perform("runBatch", ASKED).metadata.job_id
    result = perform("getBatch", {"batchId": job})
    [file] = result.metadata.files
    assert result.output["results"] == file.to_json()
    results = [json.loads(line) for line in stored(file).splitlines()]
    assert {one["custom_id"] for one in results} == {f"request-{n:06d}" for n in range(3)}


def test_batches_are_listed_in_pages(perform: Perform) -> None:
    own = {"token": "sk-or-v1-lists"}
    jobs = [perform("createBatch", ASKED, **own).metadata.job_id for _ in range(3)]
    first = perform("listBatches", {"limit": 2}, **own).output
    assert [one["id"] for one in first["data"]] == [jobs[2], jobs[1]]
    rest = perform("listBatches", {"after": first["last_id"]}, **own).output
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == ([jobs[0]], False)
    assert perform("listBatches", {"status": "failed"}, **own).output["data"] == []
    assert perform("listBatches", {"createdBefore": "2020-01-01"}, **own).output["data"] == []


def test_more_requests_than_one_batch_takes_go_in_several(
    small: Connector, played: Sandbox, perform: Perform, stored: Callable[[Any], bytes],
    count: Callable[[], int], sent: Callable[[], Any], store: Any,
) -> None:  # fmt: skip
    connect = {"base_url": played.base_url, "token": played.token, "files": store}
    requests = [{"userPrompt": f"Number {n}"} for n in range(5)]
    result = small.run("runBatch", ECHO | {"requests": requests}, **connect)
    found = [json.loads(line) for line in stored(result.output).splitlines()]
    assert [line["output"][-8:] for line in found] == [f"Number {n}" for n in range(5)]
    assert (count(), len(sent()["requests"])) == (3, 1)
    assert len((result.metadata.job_id or "").split(",")) == 3
    assert result.metadata.cost == pytest.approx(sum(line["cost"] for line in found))


def test_a_batch_that_takes_too_long_keeps_its_id(small: Connector, played: Sandbox) -> None:
    with pytest.raises(ApiError, match="is still running") as late:
        small.run(
            "runBatch", {"model": "sandbox/job-never-ends", "requests": [{"userPrompt": "x"}]},
            played.token, base_url=played.base_url,
        )  # fmt: skip
    assert type(late.value).__name__ == "JobTimedOutError"
    assert (late.value.job or "").startswith("batch_")
    assert late.value.to_json()["retryable"] is False


def test_a_check_estimates_the_batch_beside_single_calls(
    connector: Connector, played: Sandbox
) -> None:
    async def checked(action: str, parameters: Any) -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return await session.check(action, parameters)

    prompt = {"userPrompt": "x" * 60_000, "maxTokens": 1}
    alone = asyncio.run(checked("ask", ECHO | prompt)).estimate
    found = asyncio.run(checked("createBatch", ECHO | {"requests": [prompt] * 10}))
    assert found.ok
    assert found.estimate.low == pytest.approx(alone.low * 5)
    cost, window, *_ = found.estimate.basis
    assert cost.startswith("instead of $") and cost.endswith(" one by one")
    assert window == "answered within 24 hours"


BATCH = {"id": "b1", "status": "in_progress", "request_counts": {"total": 1}, "results": None}


def test_a_poll_that_breaks_off_is_repeated(lines: Lines) -> None:
    key = "sk-or-v1-0123456789abcdef"
    result = {
        "custom_id": "request-000000",
        "response": {"status_code": 200, "body": completion(f"Your key is {key}.")},
        "error": None,
    }
    done = {**BATCH, "results": [result], "status": "completed", "error": None}
    whole = response(done)
    cut = response(json.dumps(done)[:-40])
    no_catalogue, submitted = response({"error": {"message": "none"}}, 404), response(BATCH, 202)
    polls = iter([cut, response(BATCH), whole])

    def answer(request: Received) -> Answer:
        if request.method == "POST":
            return submitted
        return next(polls) if "/batches/" in request.path else no_catalogue

    with scripted(answer) as server:
        [line] = lines(
            {"model": "a/b", "requests": [{"userPrompt": "x"}]}, base_url=server.base_url, token=key
        )
    methods = [one.method for one in server.requests if "/batches" in one.path]
    assert methods == ["POST", "GET", "GET", "GET"]
    assert line["error"] is None
    assert key not in json.dumps(line) and line["output"].startswith("Your key is ")
