"""Actions as commands: the text, the flags, the default model, and where the result goes."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from openrouter_connector.faces.cli import COMMANDS
from openrouter_connector.faces.cli.command_defaults import CommandDefaults
from openrouter_connector.sandbox import Sandbox
from support.command import Command
from support.scripted_server import completion, response, scripted

SAID = "This is the sandbox answering; no model was asked.\n\nYou said: "


def piped(text: str, *words: str) -> str:
    """Run a command with a text piped in, in a process of its own."""
    program = [sys.executable, "-m", "openrouter_connector", *words, "--sandbox"]
    done = subprocess.run(program, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.removeprefix(SAID)


def test_the_text_is_the_argument(command: Command) -> None:
    result = command("ask", "--sandbox", "Why is the sky blue?")
    assert result.out == f"{SAID}Why is the sky blue?\n"


def test_an_action_has_the_name_of_its_definition_too(command: Command) -> None:
    assert command("listModels", "--sandbox", "echo").code == 0
    assert command("list-models", "--sandbox", "echo").code == 0


def test_the_sandbox_has_a_model_for_every_action_that_needs_one(
    command: Command, tmp_path: Path
) -> None:
    assert command("create-embeddings", "--sandbox", "A fox").code == 0
    assert command("create-rerank", "--sandbox", "fox", "--documents", "A fox").code == 0
    assert command("create-message", "--sandbox", "A fox").code == 0
    told = command("prompt", "--sandbox", "Hi").err  # its server is not the sandbox
    assert "add -m MODEL" in told
    assert "set a default" not in told  # which --sandbox would not read


def test_a_text_may_be_piped_in_alone_or_after_the_argument() -> None:
    assert piped("some notes\n", "ask") == "some notes\n"
    assert piped("some notes\n", "ask", "Summarise:") == "Summarise:\n\nsome notes\n"
    assert piped("some notes\n", "ask", "-") == "some notes\n"


def test_what_is_piped_in_is_no_part_of_a_name() -> None:
    """In a loop over lines each command names one thing, and stdin holds the other lines."""
    made = piped("second\n", "create-preset", "first", "-m", "sandbox/echo", "--json")
    assert json.loads(made)["output"]["slug"] == "first"


def test_what_is_piped_in_never_names_a_file(tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("private")
    assert piped("@private.txt", "ask") == "@private.txt\n"
    assert piped("", "ask", "@private.txt") == "private\n"
    assert piped("", "ask", "@missing.txt") == "@missing.txt\n"


def test_flags_are_parsed_by_the_type_of_the_parameter(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-mine")
    (tmp_path / "rules.txt").write_text("Be brief.")
    (tmp_path / "note.txt").write_text("A note.")
    flags = (
        *("-m", "a/b", "--temperature", "0.5", "--no-logprobs", "--seed", "-1"),
        *("--stop", "5", "--stop", '["a", "b"]', "--reasoning", "low"),
        *("--provider.sort", "price", "--provider.allow-fallbacks"),
        *("--system-prompt", "@rules.txt", "--attachments", "note.txt"),
    )
    with scripted(response(completion("Cold"))) as server:
        result = command("ask", *flags, "- 5 degrees?", "--base-url", server.base_url)
    assert result.out == "Cold\n", result.err
    body = server.requests[-1].json
    system, user = body.pop("messages")
    assert system == {"role": "system", "content": "Be brief."}
    assert "- 5 degrees?" in json.dumps(user) and "A note." in json.dumps(user)
    assert body == {
        "model": "a/b",
        "temperature": 0.5,
        "logprobs": False,
        "seed": -1,
        "stop": ["5", "a", "b"],
        "reasoning": {"effort": "low"},
        "provider": {"sort": "price", "allow_fallbacks": True},
    }


def test_a_text_for_a_list_of_objects_is_its_text(command: Command, tmp_path: Path) -> None:
    result = command("create-image", "A fox", "--sandbox", "--output", "fox.png")
    assert result.out == "fox.png\n"
    with Image.open(tmp_path / "fox.png") as image:
        assert image.format == "PNG"
    said = command("send-chat-completion", "Hi", "-m", "sandbox/echo", "--sandbox", "--json")
    assert "You said: Hi" in json.dumps(said.json)


def test_files_need_no_sign(command: Command, tmp_path: Path) -> None:
    assert command("create-speech", "Hello there", "--sandbox", "--output", "hello.mp3").code == 0
    flags = ("--subtitles", "srt", "--subtitles", "vtt", "--output", "hello.txt")
    result = command("create-transcription", "hello.mp3", "--sandbox", *flags)
    assert result.out.splitlines() == ["hello.txt", "hello.srt", "hello.vtt"]
    assert (tmp_path / "hello.txt").read_text() == "Hello there\n"
    assert "Hello there" in (tmp_path / "hello.srt").read_text()


def test_a_folder_holds_the_files_of_the_result(command: Command, tmp_path: Path) -> None:
    result = command("create-speech", "Hello", "--sandbox", "--output", "out/")
    assert (
        Path(result.out.strip()).parent == Path("out") and (tmp_path / result.out.strip()).exists()
    )


def test_a_dash_prints_the_bytes_of_a_file() -> None:
    words = ("create-image", "A fox", "--sandbox", "--output", "-")
    program = [sys.executable, "-m", "openrouter_connector", *words]
    done = subprocess.run(program, capture_output=True, stdin=subprocess.DEVNULL, check=True)
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert image.format == "PNG"


def test_nothing_is_paid_if_the_file_cannot_be_written(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = command("create-speech", "Hello", "--sandbox", "--output", "file/hello.mp3")
    assert result.code == 5 and "not writable" in result.err


def test_json_and_bytes_exclude_each_other(command: Command) -> None:
    result = command("create-image", "A fox", "--sandbox", "--output", "-", "--json")
    assert result.code == 2 and "use one of them" in result.json["error"]["message"]


@pytest.mark.parametrize("words", [("ask", "Hi"), ("run", "ask", "-p", "userPrompt=Hi")])
def test_events_are_lines_of_json_and_the_last_is_the_result(
    command: Command, words: tuple[str, ...]
) -> None:
    result = command(*words, "--sandbox", "--json", "--stream")
    first, *events, last = map(json.loads, result.out.splitlines())
    assert first == {"type": "started"} and {event["type"] for event in events} == {"delta"}
    assert "".join(event["text"] for event in events) == last["output"] == f"{SAID}Hi"


def test_quiet_prints_errors_alone(command: Command) -> None:
    flags = ("--sandbox", "--quiet", "--subtitles", "srt")
    command("create-speech", "Hello", "--sandbox", "--output", "hello.mp3")
    result = command("create-transcription", "hello.mp3", *flags)
    assert (result.out, result.err) == ("Hello\n", "")
    refused = command("ask", "Hi", "-m", "sandbox/no-credits", "--sandbox", "--quiet")
    assert refused.code == 4 and refused.err.startswith("error: ")


def test_a_default_fills_what_a_command_leaves_out(connected: Command) -> None:
    missing = connected("ask", "Hi")
    assert missing.code == 2 and "config set ask.model MODEL" in missing.err
    assert connected("config", "set", "ask.model", "sandbox/echo").code == 0
    assert connected("config", "get", "ask.model").out == "sandbox/echo\n"
    assert connected("config").out == "ask.model = sandbox/echo\n"
    assert connected("ask", "Hi").out == f"{SAID}Hi\n"
    assert connected("run", "ask", "-p", "userPrompt=Hi").out == f"{SAID}Hi\n"
    refused = connected("ask", "Hi", "-m", "sandbox/no-credits")
    assert refused.code == 4
    connected("config", "unset", "ask.model")
    assert connected("ask", "Hi").code == 2


def test_defaults_that_are_set_at_the_same_time_are_all_kept() -> None:
    defaults = CommandDefaults("openRouter")
    names = [f"parameter{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: defaults.set("ask", name, True), names))
    assert sorted(defaults.of("ask")) == sorted(names)


def test_a_flow_reads_no_default(connected: Command, tmp_path: Path) -> None:
    connected("config", "set", "ask.model", "sandbox/echo")
    step = {"name": "ask_1", "type": "openRouter/v1/ask", "parameters": {"userPrompt": "Hi"}}
    (tmp_path / "flow.json").write_text(json.dumps({"label": "A", "tasks": [step]}))
    (tmp_path / "action.json").write_text(json.dumps(step))
    for file in ("flow.json", "action.json"):
        result = connected("run", file)
        assert result.code == 2 and "model" in result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "ask.modle", "x"), "did you mean 'model'"),
        (("set", "aks.model", "x"), "did you mean 'ask'"),
        (("set", "model", "x"), "is not ACTION.PARAMETER"),
        (("set", "ask.temperature", "warm"), "is not valid"),
        (("set", "prompt.apiKey", "sk-or-v1-1"), "is a secret"),
    ],
)
def test_a_wrong_default_is_refused(command: Command, words: tuple[str, ...], said: str) -> None:
    result = command("config", *words)
    assert result.code == 2 and said in result.err and "sk-or" not in result.err


def test_a_secret_has_no_flag(command: Command) -> None:
    assert "--api-key" not in command("prompt", "--help", "--all").out
    assert command("prompt", "Hi", "--api-key", "sk-1").code == 2


@pytest.mark.parametrize("words", [("--api-key", "my-own-secret"), ("--token=my-own-secret",)])
def test_the_value_of_an_unknown_option_is_not_printed(
    command: Command, words: tuple[str, ...]
) -> None:
    result = command("ask", "--sandbox", "Hi", *words)
    assert result.code == 2
    assert "my-own-secret" not in result.err + result.out
    assert f"{words[0].partition('=')[0]}; a secret is never an option here" in result.err


def test_a_mistyped_flag_gets_the_likely_one(command: Command) -> None:
    told = command("ask", "--sandbox", "Hi", "--temprature", "3").err
    assert told.startswith("error: unrecognized arguments: --temprature; did you mean '--temper")


def test_a_key_is_no_default(command: Command, tmp_path: Path) -> None:
    key = f"sk-or-v1-{'0a1b2c3d' * 8}"
    result = command("config", "set", "ask.model", key)
    assert result.code == 2
    assert key not in result.err + result.out + command("config", "list").out


def test_an_option_of_every_action_wins_over_a_parameter(command: Command) -> None:
    words = ("send-chat-completion", "Hi", "-m", "sandbox/echo", "--sandbox", "--json")
    assert len(command(*words, "--stream").out.splitlines()) > 1
    assert command(*words, "-p", "stream=true").json["output"]


def test_the_base_url_of_an_action_with_a_server_is_that_server(
    command: Command, sandbox: Sandbox
) -> None:
    result = command("prompt", "Hi", "-m", "sandbox/echo", "--base-url", sandbox.base_url)
    assert result.code == 3, result.err  # the sandbox needs a key, and none is sent there


def test_help_is_short_and_tells_how_to_see_all(command: Command) -> None:
    short, full = command("ask", "--help").out, command("ask", "--help", "--all").out
    assert "--system-prompt" in short and "--temperature" not in short and "--all" in short
    assert "--temperature" in full and "--provider.data-collection {allow,deny}" in full
    assert max(map(len, short.splitlines())) <= 80


def test_help_says_whether_the_argument_is_a_text_or_an_id(command: Command) -> None:
    assert command("create-video", "--help").out.startswith(
        "usage: openrouter-connector create-video [TEXT]"
    )
    assert command("get-video", "--help").out.startswith(
        "usage: openrouter-connector get-video [ID]"
    )


def test_an_unknown_word_is_refused_with_the_likely_one(command: Command) -> None:
    assert "did you mean 'create-image'" in command("create-imgae", "A fox").err
    assert "did you mean 'connect'" in command("conect").err
    assert command("ask", "Hi", "--temprature", "1").code == 2
    assert "needs quotes" in command("ask", "why", "is", "the", "sky", "blue").err


def test_the_overview_shows_actions_and_commands(command: Command) -> None:
    page = command("--help").out
    assert "  ask  " in page and "  connect  " in page
    assert max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_fits_eighty_columns(command: Command, name: str) -> None:
    _, _, page = command(name, "--help").out.partition("\n\n")  # argparse writes the usage
    is_example = re.compile(" .*openrouter-connector ").match
    texts = [line for line in page.splitlines() if not is_example(line)]
    assert max(map(len, texts)) <= 80
