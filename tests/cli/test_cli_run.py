"""`run` and how it ends: the answer on stdout, all else on stderr, and an exit code."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from openrouter_connector.sandbox import Sandbox
from support.command import Command

CANARY = "sk-or-v1-canary0123456789abcdefcanary0123456789abcdef"
ASK = ("ask", "-p", "model=sandbox/echo", "-p", "userPrompt=Hello")


def test_a_text_is_printed_and_nothing_else(connected: Command) -> None:
    ended = connected("run", *ASK)

    assert ended.code == 0
    assert ended.out.endswith("You said: Hello\n")
    assert ended.err == ""


def test_json_is_one_object_of_output_and_metadata(connected: Command) -> None:
    ended = connected("run", *ASK, "--json")

    assert (ended.code, ended.err) == (0, "")
    assert set(ended.json) == {"output", "metadata"}
    assert ended.json["metadata"]["cost"] > 0


@pytest.mark.parametrize("stream", [(), ("--stream",)])
def test_streamed_or_not_the_answer_is_the_same(connected: Command, stream: tuple[str]) -> None:
    words = ("ask", "-p", "model=sandbox/thinker", "-p", "userPrompt=Hello")

    plain = connected("run", *words, *stream)
    whole = connected("run", *words, *stream, "--json")

    assert plain.out == whole.json["output"] + "\n"
    assert plain.err == ""


def test_an_action_that_does_not_stream_takes_the_wish_in_its_stride(connected: Command) -> None:
    words = ("createSpeech", "-p", "model=sandbox/speaker", "-p", "voice=alba", "-p", "input=Hi")

    ended = connected("run", *words, "--stream")

    assert ended.code == 0
    assert Path(ended.out.strip()).suffix == ".mp3"


def test_an_object_is_printed_as_json(connected: Command) -> None:
    schema = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
    data = ("-p", "response.responseFormat=JSON", "-p", f"response.responseSchema={schema}")

    ended = connected("run", *ASK, *data)

    assert isinstance(ended.json["city"], str)


def test_a_streamed_object_is_printed_once(connected: Command) -> None:
    schema = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
    data = ("-p", "response.responseFormat=JSON", "-p", f"response.responseSchema={schema}")

    assert isinstance(connected("run", *ASK, *data, "--stream").json["city"], str)


def test_files_are_written_where_they_are_wanted(connected: Command, tmp_path: Path) -> None:
    words = ("-p", "model=sandbox/painter", "-p", "imageMessages[0].content=A fox")

    ended = connected("run", "createImage", *words, "--output-dir", "new/folder")

    path = Path(ended.out.strip())
    assert path.parent == Path("new/folder")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_what_a_speaker_said_is_transcribed_again(connected: Command) -> None:
    spoken = ("-p", "model=sandbox/speaker", "-p", "voice=alba", "-p", "input=Word for word")
    sound = connected("run", "createSpeech", *spoken).out.strip()

    heard = connected(
        "run", "createTranscription", "-p", "model=sandbox/listener", "-p", f"file=@{sound}"
    )

    assert heard.out == "Word for word\n"


def test_a_value_given_in_vain_is_a_warning(connected: Command) -> None:
    ended = connected("run", *ASK, "-p", "supportedParameters=[]", "-p", "seed=1")

    assert ended.code == 0
    assert ended.err.startswith("warning: seed is hidden")


def test_the_embedded_sandbox_needs_no_server_and_no_key(command: Command) -> None:
    ended = command("run", *ASK, "--sandbox")

    assert (ended.code, ended.out[-16:]) == (0, "You said: Hello\n")


def test_a_base_url_alone_is_enough(command: Command, sandbox: Sandbox) -> None:
    ended = command("run", *ASK, "--base-url", sandbox.base_url, "--json")

    # The sandbox wants a token: that it could say so proves that the call went there without one.
    assert (ended.code, ended.json["error"]["status"]) == (3, 401)


@pytest.mark.parametrize("key", ["", "  "])
def test_without_a_place_the_ways_to_one_are_named(
    command: Command, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", key)

    ended = command("run", *ASK, "--json")

    assert (ended.code, ended.json["error"]["type"]) == (3, "CredentialError")
    for way in ("OPENROUTER_API_KEY", "--sandbox", "--base-url"):
        assert way in ended.json["error"]["message"]


# How it ends --------------------------------------------------------------------------------------

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

    ended = connected("run", *words, "--json")
    plain = connected("run", *words)

    code, kind, status = FAULTS[fault]
    error = ended.json["error"]
    assert (ended.code, error["type"], error.get("status")) == (code, kind, status)
    assert (plain.code, plain.out) == (code, "")
    assert plain.err.startswith(f"error: {error['message'].splitlines()[0]}")
    assert "Traceback" not in plain.err


def test_text_that_came_before_a_failure_is_kept(connected: Command) -> None:
    words = ("ask", "-p", "model=sandbox/length", "-p", "userPrompt=Hello")

    ended = connected("run", *words, "--json")
    plain = connected("run", *words)
    streamed = connected("run", *words, "--stream")

    partial = ended.json["error"]["partial"]
    assert f"partial answer:\n{partial}" in plain.err
    assert streamed.out == f"{partial}\n"
    assert (streamed.code, partial in streamed.err) == (6, False)


def test_nobody_at_the_address_is_a_failure_of_the_api(command: Command) -> None:
    words = ("run", *ASK, "--base-url", "http://127.0.0.1:9/api/v1")

    ended = command(*words, "--json")

    assert (ended.code, ended.json["error"]["type"]) == (4, "UnavailableError")
    assert ended.json["error"]["retryable"] is True


def test_a_budget_that_is_used_up_ends_with_4(connected: Command) -> None:
    ended = connected("run", *ASK, "--budget", "0", "--json")

    assert (ended.code, ended.json["error"]["type"]) == (4, "BudgetError")


def test_silence_is_waited_out_no_longer_than_asked(connected: Command) -> None:
    words = ("ask", "-p", "model=sandbox/slow", "-p", "userPrompt=Hello", "--timeout", "0.1")

    ended = connected("run", *words, "--json")

    assert (ended.code, ended.json["error"]["type"]) == (6, "IncompleteError")


def test_all_problems_are_told_at_once_each_on_its_line(connected: Command) -> None:
    ended = connected("run", "ask", "-p", "temperature=9", "-p", "seed=x")

    assert ended.code == 2
    assert ended.err.splitlines() == [
        "error:",
        "  model: is missing (Model)",
        "  seed: must be a whole number, not a text",
        "  temperature: 9 is more than 2",
        "  userPrompt: is missing (Prompt)",
    ]


@pytest.mark.parametrize("folder", ["taken.txt", "taken.txt/below"])
def test_a_folder_that_cannot_be_written_ends_with_5(connected: Command, folder: str) -> None:
    Path("taken.txt").write_text("not a folder")

    ended = connected("run", *ASK, "--output-dir", folder, "--json")

    assert (ended.code, ended.json["error"]["type"]) == (5, "FileError")


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
def test_wrong_words_are_wrong_input_also_as_json(command: Command, words: tuple[str]) -> None:
    plain, ended = command(*words), command(*words, "--json")

    assert (plain.code, plain.out, plain.err[:6]) == (2, "", "error:")
    assert ended.code == 2
    assert ended.json["error"]["type"] in ("InputError", "DefinitionError")
    assert ended.err == ""


def test_options_do_not_come_before_the_command(command: Command) -> None:
    ended = command("--json", "run", "ask")

    assert ended.code == 2
    assert ended.json["error"]["message"].startswith(
        "'--json' is not a command; write the command first"
    )


def test_a_misspelt_command_is_met_with_the_right_one(command: Command) -> None:
    assert command("rnu").err == "error: there is no command 'rnu'; did you mean 'run'?\n"


# An error that nobody foresaw: a stdin that fails in a way of its own.
UNFORESEEN = ("check", "ask", "--params", "-")


@pytest.fixture
def broken_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.StringIO()
    stdin.close()
    monkeypatch.setattr("sys.stdin", stdin)


def test_the_unforeseen_is_one_line_without_a_traceback(
    command: Command, broken_stdin: None
) -> None:
    plain, ended = command(*UNFORESEEN), command(*UNFORESEEN, "--json")

    assert (plain.code, plain.out) == (1, "")
    assert plain.err.startswith("error: ValueError: ")
    assert "OPENROUTER_CONNECTOR_DEBUG=1" in plain.err
    assert "Traceback" not in plain.err
    assert (ended.code, ended.json["error"]["type"]) == (1, "ValueError")


def test_the_traceback_is_there_for_who_asks(
    command: Command, broken_stdin: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_CONNECTOR_DEBUG", "1")

    assert "Traceback" in command(*UNFORESEEN).err


def test_half_a_letter_is_told_before_it_is_paid_for(command: Command) -> None:
    odd = os.fsdecode(b"caf\xe9")  # what a shell hands over for bytes that are no UTF-8

    ended = command("check", "ask", "-p", "model=m", "-p", f"userPrompt={odd}", "--json")

    assert (ended.code, "half a character" in ended.json["error"]["message"]) == (2, True)


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

    ended = connected(*words)

    assert "canary" not in ended.out + ended.err


def test_a_key_of_any_shape_is_never_exported(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "a-key-of-another-shape")

    ended = command("export", "action", "ask", "-p", "userPrompt=Is a-key-of-another-shape good?")

    told = "error: parameters.userPrompt: holds an API key, and a key is never exported\n"
    assert (ended.code, ended.out, ended.err) == (2, "", told)


@pytest.mark.parametrize("key", ["two words", "sk-or-v1-ключ", "line\nbreak"])
def test_what_cannot_be_a_key_is_not_sent(
    command: Command, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", key)

    ended = command("run", *ASK)

    assert ended.code == 3
    assert key not in ended.err
