"""Servers that a command line names, and the errors for invalid ones."""

from __future__ import annotations

import pytest

from support.command import Command
from support.scripted_server import completion, response, scripted

HELLO = ("prompt", "-p", "model=a/b", "-p", "prompt=Hello")
ENDPOINT = "http://127.0.0.1:9/v1/chat/completions"


@pytest.mark.parametrize("place", ["nonsense", "localhost:8000/v1", ENDPOINT])
def test_an_invalid_base_url_parameter_is_reported_without_a_connection(
    command: Command, place: str
) -> None:
    result = command("run", *HELLO, "-p", f"baseUrl={place}", "--json")

    assert (result.code, result.json["error"]["type"]) == (2, "InputError")
    assert [one["path"] for one in result.json["error"]["problems"]] == ["baseUrl"]


def test_a_server_in_the_parameters_requires_no_connection(command: Command) -> None:
    with scripted(response(completion("Hi"))) as server:
        result = command("run", *HELLO, "-p", f"baseUrl={server.base_url}", "--json")

    assert (result.code, result.json["output"]) == (0, {"output": "Hi", "errorStatus": None})


@pytest.mark.parametrize(
    "words", [("run", *HELLO), ("connect", "--token-stdin", "--name", "mine"), ("check", *HELLO)]
)
def test_an_endpoint_is_rejected_as_base_url(command: Command, words: tuple[str, ...]) -> None:
    result = command(*words, "--base-url", ENDPOINT)

    assert (result.code, result.out) == (2, "")
    message = "is an endpoint, not a base URL; remove /chat/completions and what follows"
    assert result.err == f"error: --base-url: {message}\n"


def test_an_endpoint_in_the_environment_is_rejected(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_BASE_URL", ENDPOINT)

    result = command("run", *HELLO)

    assert (result.code, result.err[:38]) == (2, "error: OPENROUTER_BASE_URL: is an endp")
