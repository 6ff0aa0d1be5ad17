"""`-p`, `--params` and exported actions: how texts of the command line are parsed."""

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
    """Return the parameters of an exported action."""
    result = command("export", "action", action, *words)
    assert result.code == 0, result.err
    return result.json["parameters"]


def problems(command: Command, *words: str) -> dict[str, str]:
    """Return the problems that a command reports, by their path."""
    result = command(*words, "--json")
    assert result.code == 2, result
    return {problem["path"]: problem["message"] for problem in result.json["error"]["problems"]}


@pytest.mark.parametrize(
    "text",
    ["123", '{"a":1}', '"quoted"', "@home", "true", "null", "", " spaces ", "a=b", "ü€😀", "[1]"],
)
def test_a_text_property_keeps_every_character(command: Command, text: str) -> None:
    assert parameters(command, "ask", "-p", f"userPrompt={text}") == {"userPrompt": text}


@given(text=some.text())
@OFFLINE
def test_a_text_property_keeps_any_text(command: Command, text: str) -> None:
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
def test_a_value_is_parsed_by_the_type_of_its_property(
    command: Command, pair: str, found: dict[str, Any]
) -> None:
    assert parameters(command, "ask", "-p", pair) == found


def test_nested_values_are_combined(command: Command) -> None:
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


def test_the_last_value_overrides(command: Command) -> None:
    assert parameters(command, "ask", "-p", "seed=1", "-p", "seed=2") == {"seed": 2}


@pytest.mark.parametrize(
    ("pair", "path", "message"),
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
def test_an_invalid_pair_is_explained(command: Command, pair: str, path: str, message: str) -> None:
    assert message in problems(command, "check", "ask", "-p", pair)[path]


def test_a_value_inside_a_text_is_rejected(command: Command) -> None:
    message = problems(
        command, "check", "ask", "-p", "response=x", "-p", "response.responseFormat=JSON"
    )

    assert message == {"response.responseFormat": "conflicts with a value that was set before"}


def test_an_unknown_name_is_reported_with_a_suggestion(command: Command) -> None:
    message = problems(
        command, "check", "ask", "-p", "model=m", "-p", "userprompt=hi", "-p", "topk=3"
    )

    assert message["topk"] == "does not exist; did you mean 'topK'?"
    assert message["userprompt"] == "does not exist; did you mean 'userPrompt'?"
    assert message["userPrompt"] == "is missing (Prompt)"


# Files -------------------------------------------------------------------------------------------


def test_a_local_file_is_stored(command: Command, tmp_path: Path) -> None:
    Path("sound.mp3").write_bytes(b"ID3 and so on")

    file = parameters(command, "createTranscription", "-p", "file=@sound.mp3")["file"]

    assert (file["extension"], file["mimeType"], file["name"]) == ("mp3", "audio/mpeg", "sound.mp3")
    assert Path(file["url"].removeprefix("file://")).read_bytes() == b"ID3 and so on"


def test_repeated_files_become_a_list(command: Command) -> None:
    for name in ("a.txt", "b.txt"):
        Path(name).write_text(name)

    given = ("-p", "attachments=@a.txt", "-p", "attachments=@b.txt")
    found = parameters(command, "ask", *given)["attachments"]

    assert [file["name"] for file in found] == ["a.txt", "b.txt"]


def test_an_emptied_list_of_files_starts_again(command: Command) -> None:
    Path("a.txt").write_text("a")
    files = ("-p", "messages[0].attachments=@a.txt")

    found = parameters(command, "ask", *files, "-p", "messages=[]", *files)

    assert [file["name"] for file in found["messages"][0]["attachments"]] == ["a.txt"]


def test_files_are_attached_to_their_message(command: Command) -> None:
    Path("a.txt").write_text("a")

    found = parameters(
        command, "ask", "-p", "messages[0].role=USER", "-p", "messages[0].attachments=@a.txt"
    )

    assert [file["name"] for file in found["messages"][0]["attachments"]] == ["a.txt"]


def test_a_file_may_be_a_url_or_json(command: Command) -> None:
    entry = {"extension": "mp3", "mimeType": "", "name": "a.mp3", "url": "https://example.com/a"}

    by_url = parameters(command, "createTranscription", "-p", "file=https://example.com/a.mp3?x=1")
    as_json = parameters(command, "createTranscription", "-p", f"file={json.dumps(entry)}")

    assert by_url["file"]["url"] == "https://example.com/a.mp3?x=1"
    assert by_url["file"]["name"] == "a.mp3"
    assert as_json["file"] == entry


def test_a_file_may_be_a_data_url(command: Command) -> None:
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
def test_a_missing_file_exits_with_5(command: Command, action: str, pair: str) -> None:
    result = command("check", action, "-p", pair, "--json")

    assert (result.code, result.json["error"]["type"]) == (5, "FileError")


def test_a_schema_may_be_a_text_or_a_file(command: Command) -> None:
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


def test_p_overrides_params(command: Command) -> None:
    given = ("--params", '{"model": "m", "response": {"responseFormat": "JSON"}}')

    found = parameters(command, "ask", *given, "-p", "model=n", "-p", "response.responseSchema={}")

    assert found == {"model": "n", "response": {"responseFormat": "JSON", "responseSchema": "{}"}}


@pytest.mark.parametrize("given", ["{", "[1]", "missing.json", "{}x", "[" * 100_000])
def test_invalid_params_are_an_input_error(command: Command, given: str) -> None:
    assert list(problems(command, "check", "ask", "--params", given)) == ["--params"]


def test_an_exported_action_runs_with_other_parameters(connected: Command) -> None:
    exported = {
        "type": "openRouter/v1/ask",
        "parameters": {"model": "sandbox/echo", "userPrompt": "before"},
    }
    Path("action.json").write_text(json.dumps(exported))

    result = connected("run", "action.json", "-p", "userPrompt=after", "--json")

    assert result.code == 0
    assert result.json["output"].endswith("You said: after")


def test_a_file_of_an_exported_action_is_replaced(command: Command) -> None:
    Path("a.txt").write_text("a")
    Path("b.txt").write_text("b")
    Path("action.json").write_text(
        command("export", "action", "ask", "-p", "attachments=@a.txt").out
    )

    found = parameters(command, "action.json", "-p", "attachments=@b.txt")["attachments"]

    assert [file["name"] for file in found] == ["b.txt"]


def test_an_action_may_come_from_stdin(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"type": "openRouter/v1/ask", "parameters": {}}'))

    assert parameters(command, "-", "-p", "seed=1") == {"seed": 1}


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (None, 5, "cannot be read"),
        ("{", 2, "is not JSON"),
        ("[]", 2, "an action must be a JSON object"),
        ('{"type": "slack/v1/send"}', 2, "belongs to the component 'slack'"),
    ],
)
def test_an_invalid_action_file_is_explained(
    command: Command, content: str | None, code: int, message: str
) -> None:
    if content is not None:
        Path("action.json").write_text(content)

    result = command("run", "action.json", "--sandbox", "--json")

    assert result.code == code
    assert message in result.json["error"]["message"]


@pytest.mark.parametrize("models", ['["a/b", "c/d", "e/f", "g/h"]', "[1, 2]", '["a/b"', '{"a": 1}'])
def test_an_invalid_list_is_rejected_and_not_sent_as_text(command: Command, models: str) -> None:
    asked = ("-p", "model=sandbox/echo", "-p", "userPrompt=hi", "-p", f"models={models}")

    result = command("run", "ask", "--sandbox", "--json", *asked)

    assert result.code == 2
    assert result.json["error"]["path"].startswith("models")
