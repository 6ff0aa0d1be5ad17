"""A run over many pictures that is interrupted: what was paid for is printed, no more is sent."""

from __future__ import annotations

import json
import signal
import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cli.test_cli_process import process
from scripted import HANGS, Answer, Received, Scripted, completion, reply, scripted

WIDTHS = (1, 2, 7, 4, 5)
"""Of the pictures; the third is never answered."""


def sees(received: Received) -> Answer:
    """Answer with the width of a picture, but for the third; the models cannot be listed."""
    if received.method == "GET":
        return reply({"error": "no list"}, 404)
    asked = received.json["messages"][-1]["content"][-1]["image_url"]["url"]
    width = Image.open(BytesIO(b64decode(asked.partition(",")[2]))).width
    return HANGS if width == 7 else reply(completion(f"{width} wide"))


@pytest.fixture
def interrupted(tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Look at pictures one after another, and interrupt that at the one without an answer."""
    for place, width in enumerate(WIDTHS):
        Image.new("RGB", (width, 8)).save(tmp_path / f"{place}.png")

    def run(
        sign: signal.Signals, *words: str, first: int = 0, sent: int = 3
    ) -> tuple[int, str, str]:
        with scripted(sees) as server:
            shown = [f"-pimages=@{place}.png" for place in range(first, len(WIDTHS))]
            given = ("-pmodel=a/b", "-ptaskType=caption", "-pmaxConcurrentRequests=1")
            where = ("--base-url", server.base_url)
            with process("run", "analyzeImages", *given, *shown, *where, *words) as running:
                _until(server, sent)
                running.send_signal(sign)
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
        "warning: interrupted: 2 of 5 images are done, for $0.50; "
        "what was under way may be billed as well\n"
    )


def test_the_rows_that_came_are_the_output_of_one_json_object(
    interrupted: Callable[..., tuple[int, str, str]],
) -> None:
    code, out, err = interrupted(signal.SIGINT, "--json")

    told = json.loads(out)
    assert code == 130
    assert [row["text"] for row in told["output"]] == ["1 wide", "2 wide"]
    assert told["metadata"]["cost"] == 0.5
    assert err == f"warning: {told['metadata']['warnings'][0]}\n"


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -15)])
def test_before_the_first_row_there_is_nothing_to_print(
    interrupted: Callable[..., tuple[int, str, str]], sign: signal.Signals, code: int
) -> None:
    ended, out, err = interrupted(sign, first=2, sent=1)

    assert (ended, out) == (code, "")
    assert "Traceback" not in err
