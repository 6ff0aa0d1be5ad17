"""What is shown of the events of a run, line by line and on a terminal."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from openrouter_connector.faces.cli.run_progress import run_progress


def event(type: str, place: str, at: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"type": type, "place": place, "step": place, "at": at, **more}


def shown(capsys: pytest.CaptureFixture[str], *events: dict[str, Any], **options: Any) -> list[str]:
    with run_progress(**options) as progress:
        for one in events:
            progress.show(one)
    return capsys.readouterr().err.splitlines()


def item(index: int) -> list[dict[str, Any]]:
    place = f"l[{index}].a"
    return [event("started", place), event("result", place, 1.5, metadata={"cost": 0.25})]


def test_each_end_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(
        capsys,
        event("started", "a"),
        event("retry", "a", tries=1, error={"message": "overloaded"}),
        event("result", "a", 3.5, metadata={"cost": 0.5}),
        event("chosen", "c", slot="caseTrue"),
        event("progress", "v", done=0, total=None, unit="", job="job-1"),
        event("failed", "b", error={"message": "no credits"}),
        event("running", ""),
    )
    assert lines == [
        "a: try 1 failed, another follows: overloaded",
        "a: done in 2.5 s, $0.50",
        "c: caseTrue",
        "v: job job-1",
        "b: failed: no credits",
    ]


def test_steps_of_a_few_items_have_lines_and_those_of_many_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    few = [event("started", "l", total=2), *item(0), *item(1)]
    assert len(shown(capsys, *few)) == 2

    many = [event("started", "l", total=200)]
    for index in range(200):
        many += [*item(index), event("progress", "l", done=index + 1, total=200, unit="items")]
    many.append(event("failed", "l[3].a", error={"message": "lost"}))
    lines = shown(capsys, *many)
    assert [lines[0], *lines[-2:]] == [
        "l: 20 of 200 items", "l: 200 of 200 items", "l[3].a: failed: lost",
    ]  # fmt: skip
    assert len(lines) == 11


def test_what_happened_before_is_not_shown_again(capsys: pytest.CaptureFixture[str]) -> None:
    events = event("result", "a", id=5), event("result", "b", id=15)
    assert shown(capsys, *events, after=10) == ["b: done in 0.0 s"]


def test_streamed_texts_of_steps_side_by_side_are_not_mixed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = shown(
        capsys,
        event("delta", "a", text="one "),
        event("delta", "b", text="three "),
        event("delta", "a", text="two"),
        event("delta", "b", text="four"),
        event("result", "b"),
        event("result", "a"),
        with_text=True,
    )
    done = "done in 0.0 s"
    assert lines == ["a:", "one two", f"b: {done}", "b:", "three four", f"a: {done}"]


def test_a_terminal_shows_bars_and_no_control_characters(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    lines = shown(
        capsys,
        event("started", "l", total=30),
        event("progress", "l", done=7, total=30, unit="items"),
        event("started", "a"),
        event("failed", "a", error={"message": "\x1b]0;owned\x07"}),
        event("progress", "l", done=30, total=30, unit="items"),
    )
    text = "\n".join(lines)
    assert "a: failed: ]0;owned" in text and "\x1b]0" not in text
    assert "l: 30 of 30 items" in text
