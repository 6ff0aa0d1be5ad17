"""`check`, `actions`, `show`, `validate`, `export` and `demo`."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from PIL import Image

from openrouter_connector import Connector
from openrouter_connector.faces.cli.action_command import kebab
from openrouter_connector.faces.cli.examples import SANDBOX
from openrouter_connector.sandbox import Sandbox
from support.command import Command
from support.images import written

COMPONENT = Connector.load().definition.component
ACTIONS = COMPONENT.actions
CHECK = ("check", "ask", "-p", "model=m", "-p", "userPrompt=Hello")


# check --------------------------------------------------------------------------------------------


def test_check_shows_the_call_and_sends_nothing(connected: Command, sandbox: Sandbox) -> None:
    before = len(sandbox.requests)

    result = connected(*CHECK, "-p", "model=sandbox/echo", "--json")

    assert result.json == {
        "ok": True,
        "problems": [],
        "warnings": [],
        "estimate": result.json["estimate"],
        "call": {
            "method": "POST",
            "path": "/chat/completions",
            "query": {},
            "body": {
                "messages": [{"role": "user", "content": "Hello"}],
                "model": "sandbox/echo",
            },
        },
    }
    assert 0 < result.json["estimate"]["low"] < result.json["estimate"]["high"] < 0.01
    assert {request.method for request in sandbox.requests[before:]} <= {"GET"}


def test_check_prints_an_estimate(connected: Command) -> None:
    result = connected(*CHECK, "-p", "model=sandbox/echo", "-p", "maxTokens=100")

    assert "costs $0.0000" in result.err and "an answer of 1 to 100 tokens" in result.err


def test_check_reports_unknown_models(connected: Command) -> None:
    result = connected(*CHECK, "-p", "model=sandbox/ecko")

    assert result.code == 2
    assert "there is no model 'sandbox/ecko'; did you mean 'sandbox/echo'" in result.err


def test_check_uses_the_catalogue(connected: Command) -> None:
    painting = ("check", "createImage", "-p", "imageMessages[0].content=A fox")

    drawn = connected(*painting, "-p", "model=sandbox/painter", "--json")
    wrong = connected(*painting, "-p", "model=sandbox/painter-one", "-p", "size=4K", "--json")

    assert drawn.json["call"]["path"] == "/images"
    assert (wrong.code, wrong.json["error"]["path"]) == (2, "size")


def test_check_without_a_key_warns_about_the_missing_catalogue(command: Command) -> None:
    words = ("check", "createImage", "-p", "model=m", "-p", "imageMessages[0].content=A fox")

    result = command(*words)

    assert result.code == 0
    assert result.out.startswith("POST /chat/completions\n{")
    assert "the catalogue was not read" in result.err


def test_check_shows_files_by_name_and_size(command: Command) -> None:
    Path("a.png").write_bytes(bytes(42_000))

    result = command(*CHECK, "-p", "attachments=@a.png", "--json")

    part = result.json["call"]["body"]["messages"][0]["content"][1]
    assert part["image_url"]["url"] == "data:image/png;base64,<42 kB of a.png>"


def test_check_shortens_long_texts(command: Command) -> None:
    result = command("check", "ask", "-p", "model=m", "-p", f"userPrompt={'x' * 5000}")

    assert "… (3000 more characters)" in result.out


def test_check_warns_about_ignored_values(command: Command) -> None:
    result = command(*CHECK, "-p", "supportedParameters=[]", "-p", "seed=1", "--json")

    hidden, unasked = result.json["warnings"]
    assert hidden == "seed is hidden by other values and was not sent"
    assert "the catalogue was not read" in unasked


def test_check_reports_all_problems(command: Command) -> None:
    result = command("check", "ask", "-p", "seed=x")

    assert result.code == 2
    assert len(result.err.splitlines()) == 4


# actions, show, validate --------------------------------------------------------------------------


def test_actions_are_listed(command: Command) -> None:
    table, listed = command("actions"), command("actions", "--json")

    assert all(kebab(name) in table.out for name in ACTIONS)
    assert [row["name"] for row in listed.json] == list(ACTIONS)
    assert listed.json[0]["type"] == "openRouter/v1/ask"
    assert listed.json[3]["needs"] == ["model", "file"]


@pytest.mark.parametrize("action", ACTIONS)
def test_show_lists_every_property(command: Command, connector: Connector, action: str) -> None:
    result = command("show", action, "--all")

    properties = connector.definition.form(action).action.properties
    assert all(str(prop.name) in result.out for prop in properties)


@pytest.mark.parametrize("action", [name for name in ACTIONS if name not in SANDBOX])
def test_the_example_of_show_is_valid(command: Command, action: str) -> None:
    picture = b64encode(written(Image.new("RGB", (8, 8)), "JPEG")).decode()

    page = command("show", action, "--all").out
    call = page.partition("to save and run:\n")[2].partition("\nMore:")[0]
    call = re.sub(r"https://example.com/file[^\"]*", f"data:image/jpeg;base64,{picture}", call)
    Path("call.json").write_text(call)
    result = command("check", "call.json")

    assert result.code == 0, result.err


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ("get-video", "get-video job-abc123"),
        ("create-video", "create-video Hello --model google/veo-3.1"),
        ("analyze-images", "analyze-images file.jpeg --model openai/gpt-4o-mini --prompt Hello"),
        ("upload-file", "upload-file file"),
        ("vision", "vision Hello --image-urls file.jpeg --model google/gemini-2.5-flash"),
        ("create-rerank", "create-rerank Hello --model cohere/rerank-v3.5 --documents …"),
    ],
)
def test_the_example_of_show_is_written_as_a_command(
    command: Command, action: str, line: str
) -> None:
    assert _example(command, action) == shlex.split(line)


def test_an_action_is_named_as_its_command_everywhere(command: Command) -> None:
    assert command("show", "create-image").out == command("show", "createImage").out
    assert command("options", "create-image", "size", "--sandbox").code == 0
    assert "properties" in command("export", "json-schema", "create-image").json
    call = ("-p", "model=sandbox/painter", "-p", "imageMessages[0].content=A fox")
    assert command("check", "create-image", *call).code == 0
    assert command("run", "create-image", "--sandbox", *call).code == 0


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("tts", ["create-speech"]),
        ("READ aloud", ["create-speech"]),
        ("video download", ["download-video"]),
    ],
)
def test_actions_are_found_by_what_people_call_them(
    command: Command, words: str, found: list[str]
) -> None:
    assert [row["command"] for row in command("actions", "--search", words, "--json").json] == found


def test_a_search_that_finds_nothing_is_told(command: Command) -> None:
    result = command("actions", "--search", "xyzzy")
    assert (result.code, result.out) == (0, "")
    assert "No action matches" in result.err


@pytest.mark.parametrize("action", SANDBOX)
def test_the_example_of_show_runs(connected: Command, action: str) -> None:
    if action == "createTranscription":
        speech = _example(connected, "createSpeech")
        sound = connected(*speech, "--response-format", "wav")
        shutil.copy(sound.out.strip(), "file.wav")

    result = connected(*_example(connected, action))

    assert result.code == 0, result.err


def _example(command: Command, action: str) -> list[str]:
    page = command("show", action).out.splitlines()
    return shlex.split(page[page.index("Example:") + 1])[1:]


def test_the_json_example_of_show_is_an_action(command: Command) -> None:
    page = command("show", "createImage", "--all").out
    example = page[page.index("\n{") : page.rindex("\n}") + 2]

    Path("example.json").write_text(example)

    assert command("check", "example.json", "--json").json["ok"] is True


def test_an_action_is_shown_as_json(command: Command) -> None:
    definition = command("show", "createSpeech", "--json").json

    assert definition["request"] == "POST /audio/speech"
    assert definition["properties"][0]["options"]["from"] == "speechModels"


def test_our_own_definition_is_valid(command: Command) -> None:
    plain, result = command("validate"), command("validate", "--json")

    assert (
        plain.out
        == f"openRouter is valid: {len(ACTIONS)} actions, {result.json['properties']} properties\n"
    )
    assert result.json["ok"] is True


@pytest.fixture
def copy(connector: Connector, tmp_path: Path) -> Path:
    """A copy of our definition that a test may damage."""
    folder = tmp_path / "copy"
    shutil.copytree(connector.definition.folder, folder / "definitions")
    shutil.copy(connector.definition.folder.parent / "connector.yaml", folder)
    return folder


def test_all_problems_of_all_files_are_reported(command: Command, copy: Path) -> None:
    for name in ("ask", "create_speech"):
        file = copy / "definitions" / f"{name}.yaml"
        file.write_text(file.read_text().replace("type: STRING", "type: TEXT", 1))

    result = command("validate", str(copy))

    assert result.code == 2
    assert "ask.yaml: " in result.err
    assert "create_speech.yaml: model: type: " in result.err


def test_connector_selects_another_definition(command: Command, copy: Path) -> None:
    file = copy / "definitions" / "ask.yaml"
    changed: Any = yaml.safe_load(file.read_text()) | {"title": "Query"}
    file.write_text(yaml.safe_dump(changed, sort_keys=False))

    assert "Query" in command("show", "ask", "--connector", str(copy)).out


# export -------------------------------------------------------------------------------------------


def test_an_exported_action_has_the_exchange_format(command: Command) -> None:
    result = command("export", "action", "ask", "-p", "model=m", "-p", "temperature=0")

    assert result.json == {
        "label": "Ask",
        "name": "ask",
        "parameters": {"model": "m", "temperature": 0},
        "type": "openRouter/v1/ask",
    }


def test_an_action_of_another_program_is_exported_unchanged(command: Command) -> None:
    foreign = {
        "metadata": {"ui": {"x": 1, "y": None}},
        "type": "openRouter/v1/createSpeech",
        "label": "Sprich",
        "parameters": {"speed": 1.25, "model": "m"},
        "name": "createSpeech_1",
        "connections": [],
    }
    Path("foreign.json").write_text(json.dumps(foreign))

    result = command("export", "action", "foreign.json")

    assert list(result.json.items()) == list(foreign.items())


def test_unknown_names_are_not_exported(command: Command) -> None:
    words = ("-p", "modl=m", "-p", "response.format=JSON", "-p", 'messages=[{"rolle":"USER"}]')

    result = command("export", "action", "ask", *words, "--json")

    found = [problem["path"] for problem in result.json["error"]["problems"]]
    assert found == ["messages[0].rolle", "modl", "response.format"]


def test_an_exported_action_runs_the_same(connected: Command) -> None:
    words = ("-p", "model=sandbox/echo", "-p", "userPrompt=Hello", "-p", "temperature=0")
    Path("ask.json").write_text(connected("export", "action", "ask", *words).out)

    assert connected("run", "ask.json").out == connected("run", "ask", *words).out


def test_exported_schemas_are_valid(command: Command) -> None:
    of_action = command("export", "json-schema", "ask").json
    of_format = command("export", "json-schema").json

    for schema in (of_action, *of_format.values()):
        Draft202012Validator.check_schema(schema)
    assert "userPrompt" in of_action["properties"]


def test_the_component_is_exported_for_bytechef(command: Command) -> None:
    component = command("export", "bytechef").json

    exported = [action["name"] for action in component["actions"]]
    assert exported[:4] == ["ask", "createImage", "createSpeech", "createTranscription"]


def test_the_reference_is_exported_as_markdown(command: Command) -> None:
    assert command("export", "docs").out.startswith("# OpenRouter\n")


# demo ---------------------------------------------------------------------------------------------


def test_the_demo_runs_four_actions(command: Command) -> None:
    result = command("demo")

    assert result.code == 0
    assert all(name in result.out for name in SANDBOX)
    assert "matches the spoken text word for word" in result.out
    assert {file.suffix for file in Path("demo-output").iterdir()} == {".png", ".mp3"}


def test_the_demo_accepts_other_parameters(command: Command) -> None:
    result = command("demo", "--output", "here", "-p", "createSpeech.responseFormat=wav")

    assert result.code == 0
    assert {file.suffix for file in Path("here").iterdir()} == {".png", ".wav"}


def test_the_live_demo_needs_a_key(command: Command) -> None:
    assert command("demo", "--live", "--yes").code == 3


def test_the_live_demo_requires_a_confirmation(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-never-sent-anywhere")

    result = command("demo", "--live")

    assert result.code == 2
    assert "Estimate: $0.05" in result.err
    assert "requires a terminal, or --yes to confirm the cost" in result.err


def test_a_parameter_with_a_default_is_not_shown_as_required(command: Command) -> None:
    rows = command("show", "createTranscription").out.splitlines()
    required = [row.split()[0] for row in rows if row.startswith(" ") and "required" in row]
    assert required == ["model", "file"]  # partLength and maxConcurrentParts have defaults
