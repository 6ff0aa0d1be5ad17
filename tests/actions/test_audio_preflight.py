"""A check of audio before its transcription: what it is, its parts, its price."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openrouter_connector import Connector, FileError
from openrouter_connector.runtime.preflight.check import Check
from openrouter_connector.sandbox import Sandbox
from support.audio import encoded, silence, spoken, wav, word
from support.performing import Perform

LISTENER = {"model": "sandbox/listener"}
UNTIMED = "sandbox/listener-plain"
TOO_LARGE = (
    "the file is too large for one call, so it is sent as FLAC with one channel; silent parts are "
    "not sent"
)
Checked = Callable[..., Check]


@pytest.fixture
def checked(connector: Connector, played: Sandbox, tmp_path: Path) -> Checked:
    """Check a file at the sandbox."""

    def check(content: bytes, name: str = "talk.wav", **given: Any) -> Check:
        (tmp_path / name).write_bytes(content)
        parameters = {**LISTENER, "file": tmp_path / name, **given}

        async def once() -> Check:
            async with connector.connect(played.token, base_url=played.base_url) as session:
                return await session.check("createTranscription", parameters)

        return asyncio.run(once())

    return check


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b"", "talk.mp3", id="nothing"),
        pytest.param(b"Hello, this is a text.\n" * 30, "talk.mp3", id="a text"),
        pytest.param(wav(silence(0)), "talk.wav", id="no samples"),
        pytest.param(b"\x00" * 50_000, "talk.m4a", id="zeros"),
        pytest.param(encoded(spoken(2, 1), "m4a")[:900], "talk.m4a", id="cut off"),
    ],
)
def test_a_check_refuses_what_a_run_refuses(
    checked: Checked,
    connector: Connector,
    perform: Perform,
    count: Callable[[], int],
    tmp_path: Path,
    content: bytes,
    name: str,
) -> None:
    (problem,) = checked(content, name).problems
    with pytest.raises(FileError) as caught:
        perform("createTranscription", {**LISTENER, "file": tmp_path / name})
    assert str(problem) == str(caught.value)
    assert problem.path == "file"
    unasked = connector.check("createTranscription", {**LISTENER, "file": tmp_path / name})
    assert unasked.problems == (problem,)
    assert count() == 0


def test_a_problem_with_the_audio_hides_no_other_problem(checked: Checked) -> None:
    problems = checked(b"", model="sandbox/speaker").problems
    assert "file: the file is empty" in map(str, problems)
    assert "model" in {one.path for one in problems}


def parts_warning(seconds: int, parts: int) -> str:
    return f"{seconds} seconds are sent in {parts} parts or more; silent parts are not sent"


def test_the_parts_of_long_audio_are_counted(
    checked: Checked, perform: Perform, count: Callable[[], int], tmp_path: Path
) -> None:
    found = checked(wav(spoken(*[4, 1] * 5)), partLength=10)
    assert found.ok
    assert found.warnings == (parts_warning(25, 3),)
    assert count() == 0
    perform("createTranscription", {**LISTENER, "file": tmp_path / "talk.wav", "partLength": 10})
    assert count() >= 3


def test_the_parts_are_counted_without_a_catalogue(connector: Connector, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(spoken(12)))
    parameters = {**LISTENER, "file": tmp_path / "a.wav", "partLength": 5}
    assert parts_warning(12, 3) in connector.check("createTranscription", parameters).warnings


def test_short_audio_has_no_problems(checked: Checked) -> None:
    found = checked(wav(spoken(2)))
    assert (found.ok, found.warnings) == (True, ())
    assert found.estimate and found.estimate.basis[0].startswith("2.0 seconds of audio")


@pytest.mark.parametrize("length", [5, 3600], ids=["parts", "whole"])
def test_the_cost_of_audio_is_within_its_estimate(
    checked: Checked, perform: Perform, tmp_path: Path, length: int
) -> None:
    found = checked(wav(spoken(*[2, 1] * 8)), partLength=length).estimate
    given = {**LISTENER, "file": tmp_path / "talk.wav", "partLength": length}
    paid = perform("createTranscription", given).metadata.cost
    assert found and found.high is not None and paid is not None
    assert found.low <= paid <= found.high
    assert (found.low > 0) == (length == 3600)  # of parts nobody knows which are silent


@pytest.mark.parametrize("given", [{}, {"segments": True, "partLength": 3600}], ids=str)
def test_the_estimate_allows_for_silent_parts(
    checked: Checked, perform: Perform, tmp_path: Path, given: dict[str, Any]
) -> None:
    content = wav(np.concatenate([word(20, 8000), silence(560, 8000), word(20, 8000)]), 8000)
    listener = {"model": UNTIMED if given else LISTENER["model"], **given}
    found = checked(content, **listener)
    paid = perform("createTranscription", {"file": tmp_path / "talk.wav", **listener})
    assert any("not sent" in one for one in paid.metadata.warnings)
    assert found.estimate and found.estimate.high and paid.metadata.cost is not None
    assert found.estimate.low <= paid.metadata.cost <= found.estimate.high


def test_short_audio_that_is_too_large_is_sent_as_flac(
    checked: Checked, perform: Perform, count: Callable[[], int], tmp_path: Path
) -> None:
    """FLAC is smaller, so that one part may be enough."""
    content = encoded(spoken(*[4, 1] * 26, rate=48_000), "wav", rate=48_000, channels=2)
    (warning,) = checked(content).warnings
    assert warning == TOO_LARGE
    perform("createTranscription", {**LISTENER, "file": tmp_path / "talk.wav"})
    assert count() == 1


def test_silence_costs_nothing(checked: Checked) -> None:
    found = checked(wav(silence(2)))
    assert found.ok and "the file is silent" in found.warnings[0]
    assert found.estimate and (found.estimate.low, found.estimate.high) == (0, 0)


def test_audio_that_is_cut_off_is_reported(checked: Checked) -> None:
    content = wav(spoken(8))
    assert checked(content[: len(content) // 2]).warnings == (
        "the file is cut off after 4 seconds",
    )


def test_the_call_has_the_true_format_of_the_file(checked: Checked) -> None:
    found = checked(encoded(spoken(2), "m4a"), "talk.mp3")
    assert found.call and found.call.body
    assert found.call.body["input_audio"]["format"] == "m4a"
    assert found.warnings == ("the file is m4a and not mp3; it is sent as m4a",)


def test_without_the_extra_a_check_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "large.wav").write_bytes(b"RIFF" + bytes(24_100_000))
    (tmp_path / "short.wav").write_bytes(wav(np.concatenate([silence(1), spoken(1)])))
    ended = subprocess.run(
        [sys.executable, "-c", BARE, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    speech, large, short = ended.stdout.splitlines()
    assert speech.startswith("input: ") and "openrouter-connector[audio]" in speech
    assert large.startswith("file: ") and "openrouter-connector[audio]" in large
    assert short == "ok"


BARE = """
import pathlib, sys
sys.modules["av"] = None  # as if it were not installed
from openrouter_connector import Connector

def report(action, **given):
    found = Connector.load().check(action, {"model": "m", **given}, sys.argv[1])
    print(*found.problems or ["ok"])

report("createSpeech", voice="v", input="One word. " * 20, partLength=50)
for name in ("large.wav", "short.wav"):
    report("createTranscription", file=pathlib.Path(sys.argv[1], name))
"""
