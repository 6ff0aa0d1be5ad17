"""`options`: dropdowns on the command line."""

from __future__ import annotations

import json

import pytest

from support.command import Command

JSON = ("--sandbox", "--json")


def test_models_are_listed_with_their_prices(command: Command) -> None:
    ended = command("options", "ask", "model", "--sandbox", "--search", "kestrel-nano")
    assert ended.code == 0
    assert "sandbox/kestrel-nano" in ended.out
    assert "$0.03 in, $0.09 out per million tokens · 131k context" in ended.out


def test_a_list_can_be_filtered_by_several_filters(command: Command) -> None:
    narrow = ("--filter", "free=true", "--filter", "minContext=40000")
    found = json.loads(command("options", "ask", "model", *narrow, *JSON).out)
    assert [option["value"] for option in found["options"]] == ["sandbox/lantern-70b:free"]


def test_a_filter_may_hold_a_list(command: Command) -> None:
    narrow = ("--filter", 'supportedParameters=["reasoning","temperature"]')
    found = json.loads(command("options", "ask", "model", *narrow, *JSON).out)
    assert found["options"]
    for option in found["options"]:
        assert {"reasoning", "temperature"} <= set(option["details"]["supportedParameters"])


def test_the_values_of_the_form_narrow_a_list(command: Command) -> None:
    words = ("createSpeech", "voice", "-p", "model=sandbox/speaker-pcm")
    found = json.loads(command("options", *words, *JSON).out)
    assert [option["value"] for option in found["options"]] == ["alba", "dario"]


def test_what_must_be_chosen_first_is_said(command: Command) -> None:
    ended = command("options", "createSpeech", "voice", "--sandbox")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "Choose Model first\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ask", "modl"], "did you mean 'model'?"),
        (["ask", "userPrompt"], "has no options"),
        (["ask", "model", "--filter", "fre=true"], "did you mean 'free'?"),
        (["ask", "model", "--filter", "colour=red"], "there are: supportedParameters"),
        (["ask", "model", "--filter", "free"], "has no value"),
        (["ask", "format", "--filter", "free=true"], "without filters"),
    ],
)
def test_what_there_is_not_is_an_input_error(command: Command, words: list[str], told: str) -> None:
    ended = command("options", *words, "--sandbox")
    assert ended.code == 2
    assert told in ended.err


def test_options_of_the_definition_need_no_connection(command: Command) -> None:
    found = json.loads(command("options", "ask", "format", "--json").out)
    assert [option["value"] for option in found["options"]] == ["SIMPLE", "ADVANCED"]
