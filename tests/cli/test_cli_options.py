"""`options`: dropdowns on the command line."""

from __future__ import annotations

import json

import pytest

from support.command import Command
from support.scripted_server import response, scripted

JSON = ("--sandbox", "--json")


def test_models_are_listed_with_their_prices(command: Command) -> None:
    result = command("options", "ask", "model", "--sandbox", "--search", "kestrel-nano")
    assert result.code == 0
    assert "sandbox/kestrel-nano" in result.out
    assert "$0.03 in, $0.09 out per million tokens · 131k context" in result.out


def test_a_list_can_be_filtered_by_several_filters(command: Command) -> None:
    narrow = ("--filter", "free=true", "--filter", "minContext=40000")
    found = json.loads(command("options", "ask", "model", *narrow, *JSON).out)
    assert [option["value"] for option in found["options"]] == ["sandbox/lantern-70b:free"]


def test_a_filter_may_be_a_list(command: Command) -> None:
    narrow = ("--filter", 'supportedParameters=["reasoning","temperature"]')
    found = json.loads(command("options", "ask", "model", *narrow, *JSON).out)
    assert found["options"]
    for option in found["options"]:
        assert {"reasoning", "temperature"} <= set(option["details"]["supportedParameters"])


def test_other_parameters_filter_a_list(command: Command) -> None:
    words = ("createSpeech", "voice", "-p", "model=sandbox/speaker-pcm")
    found = json.loads(command("options", *words, *JSON).out)
    assert [option["value"] for option in found["options"]] == ["alba", "dario"]


def test_a_missing_dependency_is_reported(command: Command) -> None:
    result = command("options", "createSpeech", "voice", "--sandbox")
    assert (result.code, result.out) == (0, "")
    assert result.err == "Choose Model first\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ask", "modl"], "did you mean 'model'?"),
        (["ask", "userPrompt"], "has no options"),
        (["ask", "model", "--filter", "fre=true"], "did you mean 'free'?"),
        (["ask", "model", "--filter", "colour=red"], "there are: supportedParameters"),
        (["ask", "model", "--filter", "free"], "has no value"),
        (["ask", "format", "--filter", "free=true"], "without filters"),
    ],
)
def test_an_unknown_name_is_an_input_error(
    command: Command, words: list[str], message: str
) -> None:
    result = command("options", *words, "--sandbox")
    assert result.code == 2
    assert message in result.err


def test_options_of_the_definition_need_no_connection(command: Command) -> None:
    found = json.loads(command("options", "ask", "format", "--json").out)
    assert [option["value"] for option in found["options"]] == ["SIMPLE", "ADVANCED"]


@pytest.mark.parametrize("more", [(), ("--search", "kestrel")])
def test_a_filter_that_nothing_passes_is_named(command: Command, more: tuple[str, ...]) -> None:
    narrow = ("--filter", "minContext=900000000", *more)
    result = command("options", "ask", "model", *narrow, "--sandbox")
    assert (result.code, result.out) == (0, "")
    assert result.err == "No option passes the filter.\n"


@pytest.mark.parametrize(("status", "code"), [(401, 3), (500, 4)])
def test_a_list_that_cannot_be_loaded_exits_with_the_code_of_its_error(
    command: Command, monkeypatch: pytest.MonkeyPatch, status: int, code: int
) -> None:
    answers = [response({"error": {"message": "no"}}, status)] * 9
    with scripted(*answers) as server:
        monkeypatch.setenv("OPENROUTER_API_KEY", f"sk-or-v1-{status}")
        words = ("options", "ask", "model", "--base-url", server.base_url, "--allow-http")
        result = command(*words)
        as_json = command(*words, "--json")
    assert (result.code, result.out, as_json.code) == (code, "", code)
    assert "no" in result.err
    assert json.loads(as_json.out)["options"] == []
