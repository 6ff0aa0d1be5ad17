"""Servers that a command line names, and what it says of those that cannot be right."""

from __future__ import annotations

import pytest

from support.command import Command
from support.scripted_server import completion, response, scripted

HELLO = ("prompt", "-p", "model=a/b", "-p", "prompt=Hello")
ENDPOINT = "http://127.0.0.1:9/v1/chat/completions"


@pytest.mark.parametrize("place", ["nonsense", "localhost:8000/v1", ENDPOINT])
def test_a_wrong_base_url_among_parameters_is_told_without_a_connection(
    command: Command, place: str
) -> None:
    ended = command("run", *HELLO, "-p", f"baseUrl={place}", "--json")

    assert (ended.code, ended.json["error"]["type"]) == (2, "InputError")
    assert [one["path"] for one in ended.json["error"]["problems"]] == ["baseUrl"]


def test_a_server_among_parameters_needs_no_connection(command: Command) -> None:
    with scripted(response(completion("Hi"))) as server:
        ended = command("run", *HELLO, "-p", f"baseUrl={server.base_url}", "--json")

    assert (ended.code, ended.json["output"]) == (0, {"output": "Hi", "errorStatus": None})


@pytest.mark.parametrize(
    "words", [("run", *HELLO), ("connect", "--token-stdin", "--name", "mine"), ("check", *HELLO)]
)
def test_an_endpoint_is_no_base_url(command: Command, words: tuple[str, ...]) -> None:
    ended = command(*words, "--base-url", ENDPOINT)

    assert (ended.code, ended.out) == (2, "")
    told = "is an endpoint and no base URL; give the part before /chat/completions"
    assert ended.err == f"error: --base-url: {told}\n"


def test_the_environment_names_no_endpoint_either(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_BASE_URL", ENDPOINT)

    ended = command("run", *HELLO)

    assert (ended.code, ended.err[:38]) == (2, "error: OPENROUTER_BASE_URL: is an endp")
