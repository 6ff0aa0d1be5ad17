"""Errors as agents see them: what is wrong, where, what to do; the server survives them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mcp import MCPError
from openrouter_connector.sandbox import Sandbox
from support.http_face import ASK
from support.mcp_host import Host, asked, error, http_client, text
from support.scripted_server import (
    CLOSES,
    Answer,
    completion,
    delta,
    events,
    response,
    scripted,
)

Hosts = tuple[Host, Host]


def test_all_problems_are_reported_together(both: Hosts) -> None:
    for host in both:
        arguments = {"model": 1, "userPromt": "Hello", "attachments": ["/etc/passwd"]}
        result = host.call("ask", arguments)
        lines = text(result).splitlines()
        assert lines[0] == "The arguments are invalid:"
        assert [line.split(":")[0] for line in lines[1:-1]] == [
            "- attachments[0]",
            "- model",
            "- userPrompt",
            "- userPromt",
        ]
        assert lines[-1] == "Nothing was charged."
        assert error(result)["type"] == "InputError"
        assert len(error(result)["problems"]) == 4


def test_what_the_host_decides_is_refused(host: Host) -> None:
    result = host.call("ask", {**ASK, "httpReferer": "https://example.com"})

    assert "httpReferer: is not an argument of this tool" in text(result)


@pytest.mark.parametrize(
    "file",
    [
        "/etc/passwd",
        "../files/secret.wav",
        "file:///etc/passwd",
        {"url": "file:///etc/passwd", "name": "x.wav", "extension": "wav", "mimeType": "audio/wav"},
        "openrouter://files/../../etc/passwd",
        "openrouter://files/secret.wav",
        "openrouter://files/secret-0123456789abcdef0123456789abcdef.wav",
        "s3://bucket/secret.wav",
        "http://[",
        "",
    ],
)
def test_a_file_from_elsewhere_is_refused(host: Host, file: Any) -> None:
    result = host.call("createTranscription", {"model": "sandbox/listener", "file": file})

    assert "file: " in text(result) and "is not a file of this server" in text(result)


def test_other_files_in_the_store_folder_cannot_be_named(
    start: Any, sandbox: Sandbox, tmp_path: Any
) -> None:
    secret = tmp_path / "files" / "secret.wav"
    secret.parent.mkdir()
    secret.write_bytes(b"RIFF")
    host = start(sandbox.base_url, token=sandbox.token)

    for file in (secret.as_uri(), str(secret), "secret.wav", "openrouter://files/secret.wav"):
        result = host.call("createTranscription", {"model": "sandbox/listener", "file": file})
        assert "is not a file of this server" in text(result)
    with pytest.raises(MCPError, match="this file does not exist"):
        host.read("openrouter://files/secret.wav")


def test_an_address_of_this_network_is_not_fetched(host: Host, sandbox: Sandbox) -> None:
    before = len(sandbox.requests)

    result = host.call(
        "createTranscription", {"model": "sandbox/listener", "file": f"{sandbox.base_url}/a.wav"}
    )

    assert "127.0.0.1 is a private address" in text(result)
    assert error(result)["path"] == "file"
    assert len(sandbox.requests) == before


FAULTS = {
    "no-credits": ("PaymentError", "Add credits at", "(HTTP 402)"),
    "no-endpoints": ("NotFoundError", "Check the model name", "(HTTP 404"),
    "null-content": ("IncompleteError", "", ""),
    "ok-with-error": ("IncompleteError", "Provider returned error", "may succeed later"),
}


@pytest.mark.parametrize("model", FAULTS)
def test_an_error_says_what_is_wrong_and_what_to_do(host: Host, model: str) -> None:
    kind, *told = FAULTS[model]

    result = host.call("ask", {**ASK, "model": f"sandbox/{model}"})

    assert error(result)["type"] == kind
    assert all(part in text(result) for part in told)


def test_what_may_succeed_later_says_so(start: Any) -> None:
    busy = response(
        {"error": {"code": 429, "message": "Slow down"}}, 429, headers={"Retry-After": "7"}
    )
    with scripted(busy) as server:
        result = start(server.base_url, attempts=1).call("ask", {**ASK, "model": "a/b"})

    assert "The same call may succeed in 7 seconds." in text(result)


JOB = response({"id": "job-1", "polling_url": "/videos/job-1", "status": "completed"}, 202)
BUSY = response({"error": {"code": 503, "message": "Busy"}}, 503, headers={"Retry-After": "0"})
FILM = {"model": "a/b", "prompt": "A boat"}


LOST = {
    "busy": BUSY,
    "lost": CLOSES,
    "not found": response({}, 404),
    "revoked": response({}, 401),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_a_paid_job_is_resumed_and_not_submitted_again(start: Any, lost: Answer) -> None:
    film = response(b"film", kind="video/mp4")
    with scripted(JOB, lost, JOB, film) as server:
        host = start(server.base_url, attempts=1)
        failed = host.call("createVideo", FILM)
        taken_up = host.call("createVideo", {"jobId": error(failed)["jobId"]})
        asked = [f"{one.method} {one.path.rpartition('/v1')[2]}" for one in server.requests]

    assert "To resume it, call again with jobId = 'job-1'; any other call pays again." in text(
        failed
    )
    assert "same call" not in text(failed)
    assert taken_up.structured_content["metadata"]["jobId"] == "job-1"
    assert asked.count("POST /videos") == 1


def test_a_failed_job_is_not_resumed(host: Host) -> None:
    failed = host.call("createVideo", {"model": "sandbox/job-fails", "prompt": "A boat"})

    assert text(failed).endswith("A new call submits a new job and pays again.")
    assert "jobId" not in text(failed)


def test_what_came_before_it_broke_is_kept(start: Any) -> None:
    async def heard(*_: Any) -> None:
        pass

    broken = events(delta("The first half"), done=False, then="reset")
    with scripted(broken) as server:
        result = start(server.base_url).call(
            "ask", {**ASK, "model": "a/b"}, progress_callback=heard
        )

    assert text(result).endswith("Received before the error:\nThe first half")
    assert error(result)["partial"] == "The first half"


def test_a_budget_is_that_of_the_server(start: Any, sandbox: Sandbox) -> None:
    host = start(sandbox.base_url, token=sandbox.token, budget=0.000001)

    first, second = host.call("ask", ASK), host.call("ask", ASK)

    assert not first.is_error
    assert error(second)["type"] == "BudgetError"


def test_a_wrong_key_is_the_matter_of_the_user(start: Any) -> None:
    refused = response({"error": {"code": 401, "message": "User not found."}}, 401)
    with scripted(refused) as server:
        result = start(server.base_url).call("ask", ASK)

    assert error(result)["type"] == "CredentialError"
    assert "Only the user can fix this: the API key of this server does not work." in text(result)


@pytest.mark.parametrize("key", ["sk-or-v1-a-key-that-nobody-shall-see", "opensesame"])
def test_a_key_that_a_server_gives_away_is_hidden(start: Any, key: str) -> None:
    with scripted(response({"error": {"code": 400, "message": f"No: {key}"}}, 400)) as server:
        result = start(server.base_url, token=key).call("ask", {**ASK, "model": "a/b"})

    assert result.is_error
    assert key not in result.model_dump_json()


def test_arguments_that_are_no_object_are_refused_and_the_server_goes_on(talk: Any) -> None:
    wrong = talk("tools/call", {"name": "ask", "arguments": ["Hello"]})
    right = talk("tools/call", {"name": "ask", "arguments": ASK})

    assert wrong["error"]["code"] == -32602
    assert not right["result"]["isError"]


def test_lines_that_are_no_messages_do_no_harm(talk: Any) -> None:
    for line in ("no JSON", "[]", '{"jsonrpc": "2.0"}', "{" * 100_000, '{"id": NaN}'):
        talk.write(line)
    listed = talk("tools/list", {})

    assert listed["result"]["tools"]


def test_a_lone_surrogate_does_no_harm(raw: Any) -> None:
    half = json.dumps(completion("odd \ud83d end")).replace("0.25", '0.25, "odd": NaN')
    refused = json.dumps({"error": {"code": 400, "message": "odd \ud83d"}})
    call = {"name": "ask", "arguments": {**ASK, "model": "a/b"}}
    answers = response(half), response(refused, 400)
    with scripted(*answers) as server, raw(base_url=server.base_url) as talk:
        answered, failed = (talk("tools/call", call)["result"] for _ in range(2))
        talk.write(json.dumps({"jsonrpc": "2.0", "id": 9, "method": "\ud83d"}))
        assert talk("ping", {})["result"] == {}

    assert answered["structuredContent"]["output"] == "odd ? end"
    assert failed["content"][0]["text"].startswith("odd ?")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/call", {"name": "ask", "arguments": {**ASK, "model": "\ud83d"}}),
        ("tools/call", {"name": "ask", "arguments": {**ASK, "\ud83d": "\ud83d"}}),
        ("tools/call", {"name": "ask", "arguments": {**ASK, "attachments": ["\ud83d"]}}),
        ("tools/list", {"cursor": "\ud83d"}),
        ("prompts/list", {"cursor": "\ud83d"}),
    ],
)
def test_a_lone_surrogate_from_a_host_is_reported(host: Host, method: str, params: Any) -> None:
    with http_client() as client:
        answer = asked(client, host.address, "2026-07-28", method, params)

    assert answer.status_code in (200, 400)
    assert "error" in answer.json() or answer.json()["result"]["isError"]


def test_huge_arguments_do_no_harm(both: Hosts) -> None:
    huge = "x" * 700_000
    for host in both:
        assert not host.call("ask", {**ASK, "userPrompt": huge}).is_error
        for arguments in ({**ASK, "temperature": huge}, {**ASK, huge: 1}, {**ASK, "format": huge}):
            assert 0 < len(host.call("ask", arguments).model_dump_json()) < 20_000


@pytest.mark.parametrize("what", ["list_tools", "list_resources", "list_prompts"])
@pytest.mark.parametrize("cursor", ["1", "-1", "next", "200", "9" * 30])
def test_an_unknown_cursor_is_refused(host: Host, what: str, cursor: str) -> None:
    async def asked() -> Any:
        return await getattr(host.client, what)(cursor=cursor)

    with pytest.raises(MCPError, match="unknown cursor"):
        host.portal.call(asked)
