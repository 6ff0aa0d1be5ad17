"""What a caller meant: a choice left open, an option in another case, a name of another action."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, InputError
from support.definitions import CONNECTOR, problems, written

USER = {"role": "USER", "content": "Hi"}


def accepted(connector: Connector, action: str, **parameters: Any) -> dict[str, Any]:
    return connector.definition.form(action).accept({"model": "m", **parameters}).values


def refused(connector: Connector, action: str, **parameters: Any) -> str:
    with pytest.raises(InputError) as caught:
        connector.definition.form(action).accept({"model": "m", **parameters})
    return caught.value.message


def test_a_choice_left_open_is_the_one_that_shows_what_was_given(connector: Connector) -> None:
    assert accepted(connector, "ask", messages=[USER])["format"] == "ADVANCED"
    schema = {"responseSchema": {"type": "object"}}
    assert accepted(connector, "ask", userPrompt="Hi", response=schema)["response"] == {
        **schema,
        "responseFormat": "JSON",
    }


def test_a_choice_that_was_made_stays(connector: Connector) -> None:
    found = connector.definition.form("ask").accept(
        {"model": "m", "format": "SIMPLE", "userPrompt": "Hi", "messages": [USER]}
    )
    assert found.values["format"] == "SIMPLE"
    assert found.warnings == ("messages is hidden by other values and was not sent",)


def test_values_that_exclude_each_other_leave_the_default(connector: Connector) -> None:
    values = accepted(connector, "ask", userPrompt="Hi", messages=[USER])
    assert values["format"] == "SIMPLE" and "messages" not in values


def test_an_open_choice_of_several_options_leaves_the_default(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        act="""
        properties:
          - {name: kind, type: STRING, required: true, defaultValue: a, options: [a, b, c]}
          - {name: text, type: STRING, displayCondition: "kind == 'b' or kind == 'c'"}
        """,
    ).form("act")
    assert form.accept({"text": "x"}).values == {"kind": "a"}


@pytest.mark.parametrize("given", ["user", "User", "USER"])
def test_an_option_matches_in_any_case(connector: Connector, given: str) -> None:
    messages = [{"role": given, "content": "Hi"}]
    values = accepted(connector, "ask", format="advanced", messages=messages)
    assert (values["format"], values["messages"][0]["role"]) == ("ADVANCED", "USER")


def test_an_option_of_a_list_matches_in_any_case(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        act="""
        properties:
          - {name: kinds, type: ARRAY, items: {type: STRING}, options: [srt, vtt]}
          - name: size
            type: STRING
            options: [{label: A, value: Aa, send: x}, {label: B, value: aA, send: y}]
        """,
    ).form("act")
    assert form.accept({"kinds": ["SRT", "vtt"]}).values == {"kinds": ["srt", "vtt"]}
    with pytest.raises(InputError, match="'AA' is not one of Aa, aA"):
        form.accept({"size": "AA"})  # either could be meant
    assert form.accept({"size": "X"}).values == {"size": "Aa"}  # by what is sent


@pytest.mark.parametrize(
    ("action", "name", "value", "meant"),
    [
        ("createImage", "prompt", "A fox", "imageMessages"),
        ("createImage", "resolution", "1K", "size"),
        ("ask", "input", "Hi", "userPrompt"),
        ("ask", "images", [], "attachments"),
        ("createSpeech", "prompt", "Hi", "input"),
        ("createTranscription", "images", [], "file"),
        ("createVideo", "userPrompt", "A fox", "prompt"),
        ("createSpeech", "text", "Hi", "input"),
        ("createTranscription", "audio", "talk.mp3", "file"),
        ("analyzeImages", "image", "fox.png", "images"),
        ("ask", "question", "Why?", "userPrompt"),
    ],
)
def test_a_name_of_another_action_gets_the_likely_one(
    connector: Connector, action: str, name: str, value: object, meant: str
) -> None:
    told = f"{name}: does not exist; did you mean {meant!r}?"
    assert told in refused(connector, action, **{name: value}).splitlines()


def test_a_name_of_another_action_suggests_no_id(connector: Connector) -> None:
    assert "prompt: does not exist\n" in refused(connector, "getFile", prompt="Hi") + "\n"


def test_a_path_as_text_gets_the_way_to_name_a_file(connector: Connector) -> None:
    told = refused(connector, "ask", userPrompt="Hi", attachments=["photo.jpg"])
    assert told == (
        "attachments[0]: must be a FILE_ENTRY, or an http(s) or data: URL, not text. "
        "In Python use pathlib.Path('photo.jpg'), on the command line @photo.jpg"
    )


def test_a_group_that_the_component_does_not_list_is_refused(tmp_path: Path) -> None:
    connector = CONNECTOR % "act" + "groups: [Images, Text tools]\n"
    act = """
    name: act
    title: An action
    description: It acts.
    group: %s
    request: POST /act
    properties: []
    output: {type: STRING, path: text}
    """
    written(tmp_path, connector=connector, act=act % "Images").check()
    assert problems(lambda: written(tmp_path, connector=connector, act=act % "Image")) == [
        "act.yaml: group: 'Image' is not in `groups` of connector.yaml; did you mean 'Images'?"
    ]
