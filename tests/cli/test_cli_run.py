"""`run`: the answer goes to stdout, everything else to stderr; errors set the exit code."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from openrouter_connector.sandbox import Sandbox
from support.command import Command

CANARY = "sk-or-v1-canary0123456789abcdefcanary0123456789abcdef"
ASK = ("ask", "-p", "model=sandbox/echo", "-p", "userPrompt=Hello")


def test_a_text_is_printed_and_nothing_else(connected: Command) -> None:
    result = connected("run", *ASK)

    assert result.code == 0
    assert result.out.endswith("You said: Hello\n")
    assert result.err == ""


def test_json_is_one_object_of_output_and_metadata(connected: Command) -> None:
    result = connected("run", *ASK, "--json")

    assert (result.code, result.err) == (0, "")
    assert set(result.json) == {"output", "metadata"}
    assert result.json["metadata"]["cost"] > 0


@pytest.mark.parametrize("stream", [(), ("--stream",)])
def test_streaming_does_not_change_the_answer(connected: Command, stream: tuple[str]) -> None:
    words = ("ask", "-p", "model=sandbox/thinker", "-p", "userPrompt=Hello")

    plain = connected("run", *words, *stream)
    whole = connected("run", *words, *stream, "--json").out

    # With --stream the object is the last of several lines.
    result = json.loads(whole.splitlines()[-1] if stream else whole)
    assert plain.out == result["output"] + "\n"
    assert plain.err == ""


def test_an_action_without_streaming_ignores_the_flag(connected: Command) -> None:
    words = ("createSpeech", "-p", "model=sandbox/speaker", "-p", "voice=alba", "-p", "input=Hi")

    result = connected("run", *words, "--stream")

    assert result.code == 0
    assert Path(result.out.strip()).suffix == ".mp3"


def test_an_object_is_printed_as_json(connected: Command) -> None:
    schema = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
    data = ("-p", "response.responseFormat=JSON", "-p", f"response.responseSchema={schema}")

    result = connected("run", *ASK, *data)

    assert isinstance(result.json["city"], str)


def test_a_streamed_object_is_printed_once(connected: Command) -> None:
    schema = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
    data = ("-p", "response.responseFormat=JSON", "-p", f"response.responseSchema={schema}")

    assert isinstance(connected("run", *ASK, *data, "--stream").json["city"], str)


def test_files_are_written_to_the_output_folder(connected: Command, tmp_path: Path) -> None:
    words = ("-p", "model=sandbox/painter", "-p", "imageMessages[0].content=A fox")

    result = connected("run", "createImage", *words, "--output", "new/folder/")

    path = Path(result.out.strip())
    assert path.parent == Path("new/folder")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_speech_is_transcribed_again(connected: Command) -> None:
    spoken = ("-p", "model=sandbox/speaker", "-p", "voice=alba", "-p", "input=Word for word")
    sound = connected("run", "createSpeech", *spoken).out.strip()

    heard = connected(
        "run", "createTranscription", "-p", "model=sandbox/listener", "-p", f"file=@{sound}"
    )

    assert heard.out == "Word for word\n"


def test_an_ignored_value_is_a_warning(connected: Command) -> None:
    result = connected("run", *ASK, "-p", "supportedParameters=[]", "-p", "seed=1")

    assert result.code == 0
    assert result.err.startswith("warning: seed is hidden")


def test_the_embedded_sandbox_requires_no_server_and_no_key(command: Command) -> None:
    result = command("run", *ASK, "--sandbox")

    assert (result.code, result.out[-16:]) == (0, "You said: Hello\n")


def test_a_base_url_needs_no_key(command: Command, sandbox: Sandbox) -> None:
    result = command("run", *ASK, "--base-url", sandbox.base_url, "--json")

    # The sandbox requires a key: its 401 proves that the call went there without one.
    assert (result.code, result.json["error"]["status"]) == (3, 401)


@pytest.mark.parametrize("key", ["", "  "])
def test_without_a_key_the_solutions_are_named(
    command: Command, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", key)

    result = command("run", *ASK, "--json")

    assert (result.code, result.json["error"]["type"]) == (3, "CredentialError")
    for way in ("OPENROUTER_API_KEY", "--sandbox", "--base-url"):
        assert way in result.json["error"]["message"]


# Errors -------------------------------------------------------------------------------------------

FAULTS: dict[str, tuple[int, str, int | None]] = {
    "no-credits": (4, "PaymentError", 402),
    "forbidden": (4, "ForbiddenError", 403),
    "no-endpoints": (4, "NotFoundError", 404),
    "daily-limit": (4, "RateLimitedError", 429),
    "bad-request": (4, "ApiError", 400),
    "server-error": (4, "UnavailableError", 500),
    "edge-timeout": (4, "UnavailableError", 524),
    "html": (4, "ApiError", 200),
    "null-content": (6, "IncompleteError", 200),
    "null-choices": (6, "IncompleteError", 200),
    "ok-with-error": (6, "IncompleteError", 200),
    "ok-with-choice-error": (6, "IncompleteError", 200),
    "breaks-mid-stream": (6, "IncompleteError", 200),
    "drops-connection": (6, "IncompleteError", 200),
    "length": (6, "IncompleteError", 200),
    "thinks-too-long": (6, "IncompleteError", 200),
    "empty": (6, "IncompleteError", 200),
    "truncated-json": (6, "IncompleteError", 200),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_failure_has_its_exit_code(connected: Command, fault: str) -> None:
    words = ("ask", "-p", f"model=sandbox/{fault}", "-p", "userPrompt=Hello")

    result = connected("run", *words, "--json")
    plain = connected("run", *words)

    code, kind, status = FAULTS[fault]
    error = result.json["error"]
    assert (result.code, error["type"], error.get("status")) == (code, kind, status)
    assert (plain.code, plain.out) == (code, "")
    assert plain.err.startswith(f"error: {error['message'].splitlines()[0]}")
    assert "Traceback" not in plain.err


def test_a_partial_answer_is_printed(connected: Command) -> None:
    words = ("ask", "-p", "model=sandbox/length", "-p", "userPrompt=Hello")

    result = connected("run", *words, "--json")
    plain = connected("run", *words)
    streamed = connected("run", *words, "--stream")

    partial = result.json["error"]["partial"]
    assert f"partial answer:\n{partial}" in plain.err
    assert streamed.out == f"{partial}\n"
    assert (streamed.code, partial in streamed.err) == (6, False)


def test_a_refused_connection_is_an_api_error(command: Command) -> None:
    words = ("run", *ASK, "--base-url", "http://127.0.0.1:9/api/v1")

    result = command(*words, "--json")

    assert (result.code, result.json["error"]["type"]) == (4, "UnavailableError")
    assert result.json["error"]["retryable"] is True


def test_a_spent_budget_exits_with_4(connected: Command) -> None:
    result = connected("run", *ASK, "--budget", "0", "--json")

    assert (result.code, result.json["error"]["type"]) == (4, "BudgetError")


def test_the_timeout_limits_the_wait_for_a_byte(connected: Command) -> None:
    words = ("ask", "-p", "model=sandbox/slow", "-p", "userPrompt=Hello", "--timeout", "0.1")

    result = connected("run", *words, "--json")

    assert (result.code, result.json["error"]["type"]) == (6, "IncompleteError")


def test_all_problems_are_printed_line_by_line(connected: Command) -> None:
    result = connected("run", "ask", "-p", "temperature=9", "-p", "seed=x")

    assert result.code == 2
    assert result.err.splitlines() == [
        "error:",
        "  model: is missing (Model)",
        "  seed: must be a whole number, not text",
        "  temperature: 9 is more than 2",
        "  userPrompt: is missing (Prompt)",
    ]


@pytest.mark.parametrize("folder", ["taken.txt", "taken.txt/below"])
def test_an_unwritable_folder_exits_with_5(connected: Command, folder: str) -> None:
    Path("taken.txt").write_text("not a folder")

    result = connected("run", *ASK, "--output", f"{folder}/", "--json")

    assert (result.code, result.json["error"]["type"]) == (5, "FileError")


@pytest.mark.parametrize(
    "words",
    [
        ("rnu",),
        ("run",),
        ("run", "--nonsense"),
        ("run", "ask", "--budget", "much"),
        ("run", "ask", "--budget", "nan"),
        ("run", "ask", "--timeout", "0"),
        ("run", "ask", "--sandbox", "--base-url", "http://127.0.0.1"),
        ("run", "ask", "--base-url", "127.0.0.1:8000"),
        ("run", "aks", "--sandbox"),
        ("run", "ask", "--connector", "missing.yaml"),
        ("show", "aks"),
        ("export", "nothing"),
        ("demo", "-p", "model=x"),
        ("demo", "-p", "aks.model=x"),
    ],
)
def test_invalid_arguments_are_an_input_error(command: Command, words: tuple[str]) -> None:
    plain, result = command(*words), command(*words, "--json")

    assert (plain.code, plain.out, plain.err[:6]) == (2, "", "error:")
    assert result.code == 2
    assert result.json["error"]["type"] in ("InputError", "DefinitionError")
    assert result.err == ""


def test_options_do_not_come_before_the_command(command: Command) -> None:
    result = command("--json", "run", "ask")

    assert result.code == 2
    assert result.json["error"]["message"].startswith(
        "'--json' is not a command; write the command first"
    )


def test_a_misspelt_command_is_corrected(command: Command) -> None:
    assert command("rnu").err == "error: there is no command 'rnu'; did you mean 'run'?\n"


# An unexpected error: a stdin that is closed.
UNEXPECTED = ("check", "ask", "--params", "-")


@pytest.fixture
def broken_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.StringIO()
    stdin.close()
    monkeypatch.setattr("sys.stdin", stdin)


def test_an_unexpected_error_is_one_line(command: Command, broken_stdin: None) -> None:
    plain, result = command(*UNEXPECTED), command(*UNEXPECTED, "--json")

    assert (plain.code, plain.out) == (1, "")
    assert plain.err.startswith("error: ValueError: ")
    assert "OPENROUTER_CONNECTOR_DEBUG=1" in plain.err
    assert "Traceback" not in plain.err
    assert (result.code, result.json["error"]["type"]) == (1, "ValueError")


def test_the_debug_variable_prints_the_traceback(
    command: Command, broken_stdin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_CONNECTOR_DEBUG", "1")

    assert "Traceback" in command(*UNEXPECTED).err


def test_an_invalid_character_is_reported_before_sending(command: Command) -> None:
    odd = os.fsdecode(b"caf\xe9")  # how Python decodes an argument that is not UTF-8

    result = command("check", "ask", "-p", "model=m", "-p", f"userPrompt={odd}", "--json")

    assert (result.code, "half a character" in result.json["error"]["message"]) == (2, True)


# Keys ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("run", *ASK),
        ("run", *ASK, "--json"),
        ("run", *ASK, "--stream"),
        ("run", *ASK, "--token", CANARY),
        ("run", *ASK, "-p", f"{CANARY}=1"),
        ("run", CANARY),
        ("check", *ASK, "--json"),
        (CANARY,),
        ("export", "action", "ask", "-p", f"userPrompt={CANARY}"),
        ("export", "action", "ask", "-p", f"userPrompt={CANARY}", "--json"),
        ("export", "action", "ask", "-p", f"extraBody.{CANARY}=1"),
    ],
)
def test_a_key_is_never_shown(
    connected: Command, words: tuple[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", CANARY)

    result = connected(*words)

    assert "canary" not in result.out + result.err


def test_a_key_of_any_shape_is_never_exported(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "a-key-of-another-shape")

    result = command("export", "action", "ask", "-p", "userPrompt=Is a-key-of-another-shape good?")

    message = (
        "error: parameters.userPrompt: contains an API key, and keys are never exported; "
        "remove it\n"
    )
    assert (result.code, result.out, result.err) == (2, "", message)


@pytest.mark.parametrize("key", ["two words", "sk-or-v1-ключ", "line\nbreak"])
def test_an_impossible_key_is_not_sent(
    command: Command, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", key)

    result = command("run", *ASK)

    assert result.code == 3
    assert key not in result.err
