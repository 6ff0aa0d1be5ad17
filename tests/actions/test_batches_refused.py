"""What a batch cannot hold is refused with its place, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import BudgetError, Connector, InputError
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform

ECHO = {"model": "sandbox/echo"}
UPLOAD = {
    "extension": "png",
    "mimeType": "image/png",
    "name": "a.png",
    "url": "data:image/png;base64,AAAA",
}
PICTURE = [{"type": "image_url", "image_url": {"url": UPLOAD["url"]}}]


@pytest.mark.parametrize(
    ("requests", "problem"),
    [
        (
            [{"userPrompt": "x"}] * 3,
            "requests: one batch accepts at most 2 requests; send several batches",
        ),
        ([{"userPrompt": "x" * 7000}], r"requests\[0\]: has 0 MB; one batch accepts at most 0 MB"),
        (
            [{"userPrompt": "x" * 1500}] * 2,
            "requests: one batch accepts at most 0 MB; send several batches",
        ),
    ],
)
def test_more_than_one_batch_takes_is_refused_before_anything_is_sent(
    small: Connector, played: Sandbox, count: Callable[[], int], requests: Any, problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        small.run(
            "createBatch", ECHO | {"requests": requests}, played.token, base_url=played.base_url
        )
    assert count() == 0


@pytest.mark.parametrize(
    ("parameters", "problems"),
    [
        ({"requests": []}, {"requests: is empty; add requests, or set requestsFile"}),
        ({}, {"requests: is missing (Requests)"}),
        (
            {"requests": [{"userPrompt": "x", "model": "a/b"}]},
            {"requests[0].model: is 'a/b', but the batch is for 'sandbox/echo'; one batch has one "
             "model"},
        ),
        (
            {"requests": [{"userPrompt": "x", "customId": "a"}] * 2},
            {"requests[1].customId: 'a' is the id of another request; ids must differ"},
        ),
        (
            {"requests": [{"userPrompt": "x", "attachments": [UPLOAD]}]},
            {"requests[0].attachments[0]: a batch accepts files by public URL only; host the file, "
             "or send this request alone"},
        ),
        (
            {"requests": [{"body": {"messages": [{"role": "user", "content": PICTURE}]}}]},
            {"requests[0]: messages[0].content[0]: a batch accepts files by public URL only"},
        ),
        (
            {"requests": [{"temperature": 9, "userPrompt": "x"}, {"usrPrompt": "x"}]},
            {"requests[0].temperature: 9 is more than 2",
             "requests[1].userPrompt: is missing (Prompt)",
             "requests[1].usrPrompt: does not exist; did you mean 'userPrompt'?"},
        ),
        (
            {"requests": [{"userPrompt": "x", "provider": {"zdr": True}}]},
            {"requests[0]: provider.zdr: a batch has no zero data retention; send this request "
             "alone"},
        ),
        (
            {"endpoint": "/v1/messages", "action": "ask", "requests": [{"userPrompt": "x"}]},
            {"endpoint: ask is sent to /v1/chat/completions; omit it, or choose another action"},
        ),
        (
            {"requests": [{"url": "/v1/embeddings", "body": {}}]},
            {"requests[0].url: is '/v1/embeddings', but the batch is for /v1/chat/completions"},
        ),
    ],
)  # fmt: skip
def test_what_a_batch_cannot_hold_is_refused_with_its_place_before_anything_is_sent(
    perform: Perform, count: Callable[[], int], parameters: Any, problems: set[str]
) -> None:
    with pytest.raises(InputError) as refused:
        perform("createBatch", ECHO | parameters)
    assert set(map(str, refused.value.problems)) == problems
    assert count() == 0


SOURCE = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
NESTED = {
    "type": "tool_result",
    "tool_use_id": "a",
    "content": [{"type": "image", "source": SOURCE}],
}


@pytest.mark.parametrize(
    ("action", "content"),
    [
        ("createMessage", [{"type": "image", "source": SOURCE}]),
        ("createMessage", [NESTED]),
        ("sendChatCompletion", [{"type": "file", "file": {"file_data": "JVBERi0="}}]),
        ("sendChatCompletion", [{"type": "image_url", "image_url": {"url": "iVBORw0KGgo="}}]),
    ],
)
def test_a_small_upload_in_any_form_is_refused(
    perform: Perform, count: Callable[[], int], action: str, content: Any
) -> None:
    messages = [{"role": "user", "content": content}]
    requests = [{"messages": messages, "maxTokens": 9}]
    with pytest.raises(InputError, match="a batch accepts files by public URL only"):
        perform("createBatch", ECHO | {"action": action, "requests": requests})
    assert count() == 0


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}],
        [
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "Hi"},
            }
        ],
    ],
)
def test_links_and_plain_texts_are_no_uploads(perform: Perform, content: Any) -> None:
    request = {"messages": [{"role": "user", "content": content}], "maxTokens": 9}
    assert perform("createBatch", ECHO | {"action": "createMessage", "requests": [request]}).output


def test_a_search_by_a_server_tool_is_refused(perform: Perform, count: Callable[[], int]) -> None:
    request = {"userPrompt": "x", "serverTools": [{"type": "openrouter:web_search"}]}
    with pytest.raises(InputError, match="tools: a batch has no web search of OpenRouter"):
        perform("createBatch", ECHO | {"requests": [request]})
    assert count() == 0


@pytest.mark.parametrize("action", ["createBatch", "runBatch"])
@pytest.mark.parametrize(
    ("model", "problems"),
    [
        ("sandbox/painter", {"model: sandbox/painter outputs image, not text; choose a model from "
                             "the options"}),
        ("sandbox/ehco", {"model: there is no model 'sandbox/ehco'; did you mean 'sandbox/echo'?"}),
    ],
)  # fmt: skip
def test_a_model_that_cannot_answer_a_batch_is_refused_before_anything_is_sent(
    perform: Perform, count: Callable[[], int], action: str, model: str, problems: set[str]
) -> None:
    with pytest.raises(InputError) as refused:
        perform(action, {"model": model, "requests": [{"userPrompt": "x"}] * 3})
    assert set(map(str, refused.value.problems)) == problems
    assert count() == 0


def test_a_request_that_its_model_cannot_read_is_refused_with_its_place(
    perform: Perform, count: Callable[[], int]
) -> None:
    requests = [{"userPrompt": "x"}, {"userPrompt": "x" * 9_000_000}]
    with pytest.raises(InputError, match=r"requests\[1\]\.userPrompt: the prompt has at least"):
        perform("createBatch", ECHO | {"requests": requests})
    assert count() == 0


@pytest.mark.parametrize("action", ["createBatch", "runBatch"])
def test_a_batch_has_its_requests_in_one_place(
    perform: Perform, count: Callable[[], int], tmp_path: Path, action: str
) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text('{"userPrompt": "Hi"}\n')
    both = {"requests": [{"userPrompt": "x"}], "requestsFile": file}
    with pytest.raises(InputError, match="requestsFile: cannot be combined with requests"):
        perform(action, ECHO | both)
    assert count() == 0


def test_a_line_that_is_no_json_is_named(perform: Perform, tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text('{"userPrompt": "Hi"}\n{"userPrompt": \n[1]\n')
    with pytest.raises(InputError) as refused:
        perform("createBatch", ECHO | {"requestsFile": file})
    assert [problem.path for problem in refused.value.problems] == [
        "requestsFile: line 2",
        "requestsFile: line 3",
    ]


def test_all_requests_to_google_have_one_response_format(perform: Perform) -> None:
    requests = [
        {"userPrompt": "x"},
        {"userPrompt": "x", "extraBody": {"response_format": {"type": "json_object"}}},
    ]
    with pytest.raises(InputError, match=r"requests\[1\]: response_format differs"):
        perform("createBatch", {"model": "google/gemini-3", "requests": requests})


def test_a_budget_that_does_not_cover_a_batch_refuses_it(
    perform: Perform, count: Callable[[], int]
) -> None:
    requests = [{"userPrompt": "x" * 60_000}] * 10
    with pytest.raises(BudgetError, match="nothing was sent"):
        perform("runBatch", ECHO | {"requests": requests}, budget=0.001)
    assert count() == 0
