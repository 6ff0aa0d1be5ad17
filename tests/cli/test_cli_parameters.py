"""`-p`, `--params` and exported actions: what a text on the command line becomes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from support.command import Command

OFFLINE = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def parameters(command: Command, action: str, *words: str) -> Any:
    """Give the parameters that an action is exported with."""
    ended = command("export", "action", action, *words)
    assert ended.code == 0, ended.err
    return ended.json["parameters"]


def problems(command: Command, *words: str) -> dict[str, str]:
    """Give the problems that a command ends with, by their path."""
    ended = command(*words, "--json")
    assert ended.code == 2, ended
    return {problem["path"]: problem["message"] for problem in ended.json["error"]["problems"]}


@pytest.mark.parametrize(
    "text",
    ["123", '{"a":1}', '"quoted"', "@home", "true", "null", "", " spaces ", "a=b", "ü€😀", "[1]"],
)
def test_a_text_property_takes_every_character_as_it_is(command: Command, text: str) -> None:
    assert parameters(command, "ask", "-p", f"userPrompt={text}") == {"userPrompt": text}


@given(text=some.text())
@OFFLINE
def test_any_text_at_all_is_a_text(command: Command, text: str) -> None:
    assert parameters(command, "ask", "-p", f"userPrompt={text}") == {"userPrompt": text}


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        ("temperature=0", {"temperature": 0}),
        ("temperature=0.5", {"temperature": 0.5}),
        ("temperature=warm", {"temperature": "warm"}),
        ("logprobs=true", {"logprobs": True}),
        ("stop=[]", {"stop": []}),
        ('stop=["END"]', {"stop": ["END"]}),
        ("seed=null", {"seed": None}),
        ("response.responseFormat=JSON", {"response": {"responseFormat": "JSON"}}),
        ('provider.order=["a","b"]', {"provider": {"order": ["a", "b"]}}),
        ("provider.maxPrice.prompt=1.5", {"provider": {"maxPrice": {"prompt": 1.5}}}),
        ("logitBias.50256=-100", {"logitBias": {"50256": -100}}),
        ("extraBody.top_a=0.1", {"extraBody": {"top_a": 0.1}}),
        ('messages=[{"content":"hi"}]', {"messages": [{"content": "hi"}]}),
        ("messages[0].content=123", {"messages": [{"content": "123"}]}),
    ],
)  # fmt: skip
def test_a_value_is_read_as_its_property_wants_it(
    command: Command, pair: str, found: dict[str, Any]
) -> None:
    assert parameters(command, "ask", "-p", pair) == found


def test_values_grow_side_by_side(command: Command) -> None:
    given = [
        "messages[0].role=SYSTEM",
        "messages[0].content=Be brief.",
        "messages[1].role=USER",
        "messages[1].content=Hi",
        "format=ADVANCED",
    ]
    words = [word for pair in given for word in ("-p", pair)]

    assert parameters(command, "ask", *words) == {
        "messages": [
            {"role": "SYSTEM", "content": "Be brief."},
            {"role": "USER", "content": "Hi"},
        ],
        "format": "ADVANCED",
    }


def test_the_last_of_two_values_counts(command: Command) -> None:
    assert parameters(command, "ask", "-p", "seed=1", "-p", "seed=2") == {"seed": 2}


@pytest.mark.parametrize(
    ("pair", "path", "told"),
    [
        ("model", "model", "has no value; write -p NAME=VALUE"),
        ("=x", "", "is not a valid name; examples: model, messages[0].content"),
        ("a..b=x", "a..b", "is not a valid name; examples: model, messages[0].content"),
        ("stop[x]=1", "stop[x]", "is not a valid name; examples: model, messages[0].content"),
        ("messages[1].role=USER", "messages[1].role", "is out of order: set item 0 first"),
        (
            "messages[0].attachments=a.png",
            "messages[0].attachments",
            "requires a file: -p messages[0].attachments=@PATH",
        ),
    ],
)
def test_a_text_that_is_no_parameter_is_explained(
    command: Command, pair: str, path: str, told: str
) -> None:
    assert told in problems(command, "check", "ask", "-p", pair)[path]


def test_a_value_inside_what_is_no_object_is_refused(command: Command) -> None:
    told = problems(
        command, "check", "ask", "-p", "response=x", "-p", "response.responseFormat=JSON"
    )

    assert told == {"response.responseFormat": "conflicts with a value that was set before"}


def test_an_unknown_name_is_reported_with_the_nearest_known_one(command: Command) -> None:
    told = problems(command, "check", "ask", "-p", "model=m", "-p", "userprompt=hi", "-p", "topk=3")

    assert told["topk"] == "there is no such property; did you mean 'topK'?"
    assert told["userprompt"] == "there is no such property; did you mean 'userPrompt'?"
    assert told["userPrompt"] == "is missing (Prompt)"


# Files -------------------------------------------------------------------------------------------


def test_a_local_file_goes_into_the_store(command: Command, tmp_path: Path) -> None:
    Path("sound.mp3").write_bytes(b"ID3 and so on")

    file = parameters(command, "createTranscription", "-p", "file=@sound.mp3")["file"]

    assert (file["extension"], file["mimeType"], file["name"]) == ("mp3", "audio/mpeg", "sound.mp3")
    assert Path(file["url"].removeprefix("file://")).read_bytes() == b"ID3 and so on"


def test_files_of_a_list_are_given_one_by_one(command: Command) -> None:
    for name in ("a.txt", "b.txt"):
        Path(name).write_text(name)

    given = ("-p", "attachments=@a.txt", "-p", "attachments=@b.txt")
    found = parameters(command, "ask", *given)["attachments"]

    assert [file["name"] for file in found] == ["a.txt", "b.txt"]


def test_a_list_of_files_that_was_emptied_begins_anew(command: Command) -> None:
    Path("a.txt").write_text("a")
    files = ("-p", "messages[0].attachments=@a.txt")

    found = parameters(command, "ask", *files, "-p", "messages=[]", *files)

    assert [file["name"] for file in found["messages"][0]["attachments"]] == ["a.txt"]


def test_files_of_a_message_are_its_own(command: Command) -> None:
    Path("a.txt").write_text("a")

    found = parameters(
        command, "ask", "-p", "messages[0].role=USER", "-p", "messages[0].attachments=@a.txt"
    )

    assert [file["name"] for file in found["messages"][0]["attachments"]] == ["a.txt"]


def test_a_file_is_also_named_by_url_or_as_json(command: Command) -> None:
    entry = {"extension": "mp3", "mimeType": "", "name": "a.mp3", "url": "https://example.com/a"}

    by_url = parameters(command, "createTranscription", "-p", "file=https://example.com/a.mp3?x=1")
    as_json = parameters(command, "createTranscription", "-p", f"file={json.dumps(entry)}")

    assert by_url["file"]["url"] == "https://example.com/a.mp3?x=1"
    assert by_url["file"]["name"] == "a.mp3"
    assert as_json["file"] == entry


def test_the_content_of_a_file_may_stand_in_a_data_url(command: Command) -> None:
    url = "data:image/png;base64,iVBORw0KGgo="

    found = parameters(command, "analyzeImages", "-p", f"images={url}", "-p", f"images={url}")

    assert [one["url"] for one in found["images"]] == [url, url]
    assert {one["mimeType"] for one in found["images"]} == {"image/png"}


@pytest.mark.parametrize(
    ("action", "pair"),
    [
        ("createTranscription", "file=@missing.mp3"),
        ("createTranscription", "file=@."),
        ("ask", "attachments=@missing.png"),
        ("ask", "response.responseSchema=@missing.json"),
    ],
)
def test_a_file_that_is_not_there_ends_with_5(command: Command, action: str, pair: str) -> None:
    ended = command("check", action, "-p", pair, "--json")

    assert (ended.code, ended.json["error"]["type"]) == (5, "FileError")


def test_a_schema_is_given_as_text_or_from_a_file(command: Command) -> None:
    schema = '{"type": "object"}'
    Path("schema.json").write_text(schema)

    as_text = parameters(command, "ask", "-p", f"response.responseSchema={schema}")
    from_file = parameters(command, "ask", "-p", "response.responseSchema=@schema.json")

    assert as_text == from_file == {"response": {"responseSchema": schema}}


# --params and exported actions -------------------------------------------------------------------


def test_params_are_json_or_a_file_or_stdin(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '{"model": "m", "temperature": 0}'
    Path("given.json").write_text(text)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    found = [parameters(command, "ask", "--params", given) for given in (text, "given.json", "-")]

    assert found == [{"model": "m", "temperature": 0}] * 3


def test_p_wins_over_params(command: Command) -> None:
    given = ("--params", '{"model": "m", "response": {"responseFormat": "JSON"}}')

    found = parameters(command, "ask", *given, "-p", "model=n", "-p", "response.responseSchema={}")

    assert found == {"model": "n", "response": {"responseFormat": "JSON", "responseSchema": "{}"}}


@pytest.mark.parametrize("given", ["{", "[1]", "missing.json", "{}x", "[" * 100_000])
def test_params_that_are_none_are_wrong_input(command: Command, given: str) -> None:
    assert list(problems(command, "check", "ask", "--params", given)) == ["--params"]


def test_an_exported_action_is_run_with_further_parameters(connected: Command) -> None:
    exported = {
        "type": "openRouter/v1/ask",
        "parameters": {"model": "sandbox/echo", "userPrompt": "before"},
    }
    Path("action.json").write_text(json.dumps(exported))

    ended = connected("run", "action.json", "-p", "userPrompt=after", "--json")

    assert ended.code == 0
    assert ended.json["output"].endswith("You said: after")


def test_a_file_of_an_exported_action_is_replaced_not_joined(command: Command) -> None:
    Path("a.txt").write_text("a")
    Path("b.txt").write_text("b")
    Path("action.json").write_text(
        command("export", "action", "ask", "-p", "attachments=@a.txt").out
    )

    found = parameters(command, "action.json", "-p", "attachments=@b.txt")["attachments"]

    assert [file["name"] for file in found] == ["b.txt"]


def test_an_action_comes_from_stdin(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"type": "openRouter/v1/ask", "parameters": {}}'))

    assert parameters(command, "-", "-p", "seed=1") == {"seed": 1}


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (None, 5, "cannot be read"),
        ("{", 2, "is not JSON"),
        ("[]", 2, "an action is a JSON object"),
        ('{"type": "slack/v1/send"}', 2, "is an action of 'slack'"),
    ],
)
def test_a_file_that_holds_no_action_is_explained(
    command: Command, content: str | None, code: int, told: str
) -> None:
    if content is not None:
        Path("action.json").write_text(content)

    ended = command("run", "action.json", "--sandbox", "--json")

    assert ended.code == code
    assert told in ended.json["error"]["message"]


@pytest.mark.parametrize("models", ['["a/b", "c/d", "e/f", "g/h"]', "[1, 2]", '["a/b"', '{"a": 1}'])
def test_a_list_that_does_not_fit_is_refused_and_not_sent_as_a_text(
    command: Command, models: str
) -> None:
    asked = ("-p", "model=sandbox/echo", "-p", "userPrompt=hi", "-p", f"models={models}")

    ended = command("run", "ask", "--sandbox", "--json", *asked)

    assert ended.code == 2
    assert ended.json["error"]["path"].startswith("models")
