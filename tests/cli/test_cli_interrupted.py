"""An interrupted batch of images: finished rows are printed, and nothing more is sent."""

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
"""The widths of the images; those of 7 and 4 pixels are never answered."""


def answer_with_width(received: Received) -> Answer:
    """Answer with the width of an image, or never. The list of models fails."""
    if received.method == "GET":
        return response({"error": "no list"}, 404)
    url = received.json["messages"][-1]["content"][-1]["image_url"]["url"]
    width = Image.open(BytesIO(b64decode(url.partition(",")[2]))).width
    return HANGS if width in (7, 4) else response(completion(f"{width} wide"))


def answer_first_image_late(received: Received) -> Answer:
    """Answer with the width, but the first image after the second."""
    answer = answer_with_width(received)
    late = b"1 wide" in b"".join(answer.pieces)
    return replace(answer, pieces=(b"", *answer.pieces), pause=0.4) if late else answer


def report_one_cost(received: Received) -> Answer:
    """Answer with the width, and report a cost for the first image only."""
    answer = answer_with_width(received)
    silent = b"2 wide" in b"".join(answer.pieces)
    return response(completion("2 wide", usage={"total_tokens": 5})) if silent else answer


@pytest.fixture
def interrupt_run(tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Return a function that analyzes images, and interrupts that after `sent` requests."""
    for place, width in enumerate(WIDTHS):
        Image.new("RGB", (width, 8)).save(tmp_path / f"{place}.png")

    def run(
        *signs: signal.Signals,
        words: Sequence[str] = (),
        answers: Callable[[Received], Answer] = answer_with_width,
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
                out, err = running.communicate(timeout=40)
            assert len(_posted(server)) == sent
        return running.returncode, out, err

    return run


def _posted(server: Scripted) -> Sequence[Received]:
    return [one for one in server.requests if one.method == "POST"]


def _until(server: Scripted, count: int) -> None:
    end = time.monotonic() + 40
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

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it

class Interrupts:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
from openrouter_connector.__main__ import main
sys.exit(main())
"""
    words = ("run", "ask", "--sandbox", "-pmodel=sandbox/echo", "-puserPrompt=x")
    result = subprocess.run(
        [sys.executable, "-c", interrupts, *words], capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stdout) == (130, "")
    assert result.stderr in ("", "interrupted\n")


def test_ignored_interrupts_stay_ignored() -> None:
    ignoring = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        "from openrouter_connector.__main__ import main; main();"
        "sys.exit(signal.getsignal(signal.SIGINT) != signal.SIG_IGN)"
    )
    result = subprocess.run([sys.executable, "-c", ignoring, "--version"], check=False)

    assert result.returncode == 0


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_finished_rows_are_printed_with_their_cost(
    interrupt_run: Callable[..., tuple[int, str, str]], sign: signal.Signals, code: int
) -> None:
    result, out, err = interrupt_run(sign)

    assert result == code
    assert [(row["index"], row["text"], row["name"]) for row in json.loads(out)] == [
        (0, "1 wide", "0.png"),
        (1, "2 wide", "1.png"),
    ]
    assert err == (
        "warning: interrupted: 2 of 5 images are finished, for $0.50; "
        "requests under way may be billed too\n"
    )


def test_finished_rows_are_the_output_in_json(
    interrupt_run: Callable[..., tuple[int, str, str]],
) -> None:
    code, out, err = interrupt_run(signal.SIGINT, words=["--json"])

    message = json.loads(out)
    assert code == 130
    assert [row["text"] for row in message["output"]] == ["1 wide", "2 wide"]
    assert message["metadata"]["cost"] == 0.5
    assert err == f"warning: {message['metadata']['warnings'][0]}\n"


def test_finished_rows_are_in_the_order_of_the_images(
    interrupt_run: Callable[..., tuple[int, str, str]],
) -> None:
    _, out, _ = interrupt_run(signal.SIGINT, answers=answer_first_image_late, concurrency=2, sent=4)

    assert [(row["index"], row["text"]) for row in json.loads(out)] == [
        (0, "1 wide"),
        (1, "2 wide"),
    ]


@pytest.mark.parametrize("signs", [[signal.SIGINT] * 5, [signal.SIGTERM, signal.SIGINT] * 3])
def test_repeated_interrupts_lose_no_row(
    interrupt_run: Callable[..., tuple[int, str, str]], signs: list[signal.Signals]
) -> None:
    result, out, err = interrupt_run(*signs)

    assert result != 0  # by which of them may differ
    assert [row["text"] for row in json.loads(out)] == ["1 wide", "2 wide"]
    assert err.startswith("warning: interrupted: 2 of 5 images are finished")


def test_an_unknown_cost_makes_the_sum_a_minimum(
    interrupt_run: Callable[..., tuple[int, str, str]],
) -> None:
    _, _, err = interrupt_run(signal.SIGINT, answers=report_one_cost)

    assert "2 of 5 images are finished, for at least $0.25; " in err


def test_an_image_that_was_not_sent_keeps_the_cost_known(
    interrupt_run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    (tmp_path / "1.png").write_bytes(b"no picture")

    _, out, err = interrupt_run(signal.SIGINT, sent=2)

    assert json.loads(out)[1]["error"]["type"] == "FileError"
    assert "2 of 5 images are finished, for $0.25; " in err


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_before_the_first_row_nothing_is_printed(
    interrupt_run: Callable[..., tuple[int, str, str]], sign: signal.Signals, code: int
) -> None:
    result, out, err = interrupt_run(sign, first=2, sent=1)

    assert (result, out) == (code, "")
    assert "Traceback" not in err


def test_signal_handlers_are_restored(command: Command, tmp_path: Path) -> None:
    Image.new("RGB", (1, 8)).save(tmp_path / "0.png")
    before = [signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)]

    with scripted(answer_with_width) as server:
        given = ("-pmodel=a/b", "-ptaskType=caption", "-pimages=@0.png")
        result = command("run", "analyzeImages", *given, "--base-url", server.base_url)

    assert result.code == 0
    assert [signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("words", [("--help",), ("run", "--help")])
def test_the_help_names_the_exit_codes_of_an_interrupted_run(
    command: Command, words: Sequence[str]
) -> None:
    codes = command(*words).out.partition("exit codes:")[2]

    assert "130" in codes
    assert "143" in codes
