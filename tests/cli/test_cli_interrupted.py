"""A run over many pictures that is interrupted: what was paid for is printed, no more is sent."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cli.test_cli_process import process
from support.command import Command
from support.scripted_server import (
    HANGS,
    Answer,
    Received,
    Scripted,
    completion,
    response,
    scripted,
)

WIDTHS = (1, 2, 7, 4, 5)
"""Of the pictures; the third and the fourth are never answered."""


def sees(received: Received) -> Answer:
    """Answer with the width of a picture, or never; the models cannot be listed."""
    if received.method == "GET":
        return response({"error": "no list"}, 404)
    asked = received.json["messages"][-1]["content"][-1]["image_url"]["url"]
    width = Image.open(BytesIO(b64decode(asked.partition(",")[2]))).width
    return HANGS if width in (7, 4) else response(completion(f"{width} wide"))


def sees_the_first_late(received: Received) -> Answer:
    """Answer as `sees` does, and the first picture after the second."""
    answer = sees(received)
    late = b"1 wide" in b"".join(answer.pieces)
    return replace(answer, pieces=(b"", *answer.pieces), pause=0.4) if late else answer


def tells_one_cost(received: Received) -> Answer:
    """Answer as `sees` does, and tell what it did cost only of the first picture."""
    answer = sees(received)
    silent = b"2 wide" in b"".join(answer.pieces)
    return response(completion("2 wide", usage={"total_tokens": 5})) if silent else answer


@pytest.fixture
def interrupted(tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Look at pictures, and interrupt that once so many were sent, of which one has no answer."""
    for place, width in enumerate(WIDTHS):
        Image.new("RGB", (width, 8)).save(tmp_path / f"{place}.png")

    def run(
        *signs: signal.Signals,
        words: Sequence[str] = (),
        answers: Callable[[Received], Answer] = sees,
        first: int = 0,
        sent: int = 3,
        concurrency: int = 1,
    ) -> tuple[int, str, str]:
        with scripted(answers) as server:
            shown = [f"-pimages=@{place}.png" for place in range(first, len(WIDTHS))]
            given = ("-pmodel=a/b", "-ptaskType=caption", f"-pmaxConcurrentRequests={concurrency}")
            where = ("--base-url", server.base_url)
            with process("run", "analyzeImages", *given, *shown, *where, *words) as running:
                _until(server, sent)
                for sign in signs:
                    running.send_signal(sign)
                    time.sleep(0.0005)  # two at once would be one
                out, err = running.communicate(timeout=10)
            assert len(_posted(server)) == sent
        return running.returncode, out, err

    return run


def _posted(server: Scripted) -> Sequence[Received]:
    return [one for one in server.requests if one.method == "POST"]


def _until(server: Scripted, count: int) -> None:
    end = time.monotonic() + 20
    while len(_posted(server)) < count:
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    "module",
    [
        "openrouter_connector.faces",
        "openrouter_connector.faces.cli.parser",
        "argparse",
        "openrouter_connector.faces.cli.commands.run",
        "openrouter_connector.connector",
        "pydantic",
        "httpx",
        "openrouter_connector.runtime.http.transport",
    ],
)
def test_an_import_that_is_interrupted_ends_without_a_traceback(module: str) -> None:
    interrupts = f"""
import os, signal, sys

class Interrupts:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
from openrouter_connector.__main__ import main
sys.exit(main())
"""
    words = ("run", "ask", "--sandbox", "-pmodel=sandbox/echo", "-puserPrompt=x")
    ended = subprocess.run(
        [sys.executable, "-c", interrupts, *words], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr in ("", "interrupted\n")


def test_a_command_that_ignores_interrupts_goes_on_ignoring_them() -> None:
    ignoring = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        "from openrouter_connector.__main__ import main; main();"
        "sys.exit(signal.getsignal(signal.SIGINT) != signal.SIG_IGN)"
    )
    ended = subprocess.run([sys.executable, "-c", ignoring, "--version"], check=False)

    assert ended.returncode == 0


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_rows_that_came_are_printed_with_what_they_cost(
    interrupted: Callable[..., tuple[int, str, str]], sign: signal.Signals, code: int
) -> None:
    ended, out, err = interrupted(sign)

    assert ended == code
    assert [(row["index"], row["text"], row["name"]) for row in json.loads(out)] == [
        (0, "1 wide", "0.png"),
        (1, "2 wide", "1.png"),
    ]
    assert err == (
        "warning: interrupted: 2 of 5 images are finished, for $0.50; "
        "requests under way may be billed too\n"
    )


def test_the_rows_that_came_are_the_output_of_one_json_object(
    interrupted: Callable[..., tuple[int, str, str]],
) -> None:
    code, out, err = interrupted(signal.SIGINT, words=["--json"])

    told = json.loads(out)
    assert code == 130
    assert [row["text"] for row in told["output"]] == ["1 wide", "2 wide"]
    assert told["metadata"]["cost"] == 0.5
    assert err == f"warning: {told['metadata']['warnings'][0]}\n"


def test_the_rows_are_in_the_order_of_the_pictures_however_they_came(
    interrupted: Callable[..., tuple[int, str, str]],
) -> None:
    _, out, _ = interrupted(signal.SIGINT, answers=sees_the_first_late, concurrency=2, sent=4)

    assert [(row["index"], row["text"]) for row in json.loads(out)] == [
        (0, "1 wide"),
        (1, "2 wide"),
    ]


@pytest.mark.parametrize("signs", [[signal.SIGINT] * 5, [signal.SIGTERM, signal.SIGINT] * 3])
def test_who_interrupts_several_times_loses_no_row(
    interrupted: Callable[..., tuple[int, str, str]], signs: list[signal.Signals]
) -> None:
    ended, out, err = interrupted(*signs)

    assert ended != 0  # by which of them may differ
    assert [row["text"] for row in json.loads(out)] == ["1 wide", "2 wide"]
    assert err.startswith("warning: interrupted: 2 of 5 images are finished")


def test_a_cost_that_was_not_told_makes_the_sum_the_least(
    interrupted: Callable[..., tuple[int, str, str]],
) -> None:
    _, _, err = interrupted(signal.SIGINT, answers=tells_one_cost)

    assert "2 of 5 images are finished, for at least $0.25; " in err


def test_a_picture_that_was_not_sent_leaves_the_cost_known(
    interrupted: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    (tmp_path / "1.png").write_bytes(b"no picture")

    _, out, err = interrupted(signal.SIGINT, sent=2)

    assert json.loads(out)[1]["error"]["type"] == "FileError"
    assert "2 of 5 images are finished, for $0.25; " in err


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_before_the_first_row_there_is_nothing_to_print(
    interrupted: Callable[..., tuple[int, str, str]], sign: signal.Signals, code: int
) -> None:
    ended, out, err = interrupted(sign, first=2, sent=1)

    assert (ended, out) == (code, "")
    assert "Traceback" not in err


def test_signals_do_afterwards_what_they_did_before(command: Command, tmp_path: Path) -> None:
    Image.new("RGB", (1, 8)).save(tmp_path / "0.png")
    before = [signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)]

    with scripted(sees) as server:
        given = ("-pmodel=a/b", "-ptaskType=caption", "-pimages=@0.png")
        ended = command("run", "analyzeImages", *given, "--base-url", server.base_url)

    assert ended.code == 0
    assert [signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("words", [("--help",), ("run", "--help")])
def test_the_help_names_the_exit_codes_of_an_interrupted_run(
    command: Command, words: Sequence[str]
) -> None:
    codes = command(*words).out.partition("exit codes:")[2]

    assert "130" in codes
    assert "143" in codes
