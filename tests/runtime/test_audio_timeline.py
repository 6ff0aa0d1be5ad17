"""The segments of parts on one timeline, and as subtitles that players can read."""

from __future__ import annotations

import html
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrouter_connector.runtime.audio.subtitles import to_srt, to_vtt
from openrouter_connector.runtime.audio.timeline import merge_segments, merge_words
from openrouter_connector.runtime.audio.values import Segment, TranscribedPart

Cue = tuple[float, float, list[str]]


def segment(start: float, end: float, text: str) -> Segment:
    return {"start": start, "end": end, "text": text}


# One timeline ------------------------------------------------------------------------------------


def test_a_part_without_segments_is_one_segment() -> None:
    parts: list[TranscribedPart] = [
        (0.0, 4.5, " Hello.\n", None),
        (4.5, 9.0, "", None),
        (9.0, 12.25, "Good bye.", []),
    ]
    assert merge_segments(parts) == [segment(0, 4.5, "Hello."), segment(9, 12.25, "Good bye.")]


def test_segments_count_from_the_start_of_their_part() -> None:
    timed = [
        {"id": 0, "start": 0.0, "end": 1.5, "text": " One."},
        {"id": 1, "start": 1.5, "end": 3.25, "text": "Two.\r\n"},
    ]
    assert merge_segments([(0.0, 4.0, "Zero.", None), (4.0, 8.0, "One. Two.", timed)]) == [
        segment(0, 4, "Zero."),
        segment(4, 5.5, "One."),
        segment(5.5, 7.25, "Two."),
    ]


def test_words_are_on_the_timeline_of_their_file() -> None:
    first = [{"word": "One", "start": 0.5, "end": 1}, {"word": "two"}, {"word": "three", "end": 99}]
    second = [{"word": "four", "start": 0.25, "end": 0.5, "speaker": "B"}]
    assert merge_words([(0.0, 4.0, first), (4.0, 5.0, None), (5.0, 8.0, second)]) == [
        {"word": "One", "start": 0.5, "end": 1},
        {"word": "two", "start": 1, "end": 1},
        {"word": "three", "start": 1, "end": 4},
        {"word": "four", "start": 5.25, "end": 5.5, "speaker": "B"},
    ]


@pytest.mark.parametrize("odd", [5, True, "one", {"word": "one"}, [5, None, ["one"]]])
def test_words_may_be_anything(odd: Any) -> None:
    assert merge_words([(0.0, 1.0, odd)]) == []


@pytest.mark.parametrize("time", [float("nan"), float("inf"), 10**400, "1", [1], None])
def test_a_time_that_is_none_is_left_out(time: Any) -> None:
    odd = {"start": time, "end": time, "text": "a", "word": "a"}
    assert merge_segments([(1.0, 2.0, "a", [odd])]) == [segment(1, 2, "a")]
    assert [word["start"] for word in merge_words([(1.0, 2.0, [odd])])] == [1]


def test_segments_stay_within_their_part() -> None:
    timed = [
        {"start": -2, "end": 1, "text": "a"},
        {"start": 5, "end": 2, "text": "b"},
        {"start": 3, "end": 99, "text": "c"},
    ]
    assert merge_segments([(10.0, 14.0, "abc", timed)]) == [
        segment(10, 11, "a"),
        segment(13, 14, "c"),
        segment(14, 14, "b"),
    ]


def test_missing_and_invalid_times_are_filled() -> None:
    nan = float("nan")
    timed: list[Any] = [
        {"start": None, "end": 1, "text": "a"},
        {"text": "b", "end": 2},
        {"text": "c", "start": nan, "end": "?"},
        {"start": 3, "end": 4, "text": None},
    ]
    assert merge_segments([(1.0, 5.0, "", timed)]) == [
        segment(1, 2, "a"),
        segment(2, 3, "b"),
        segment(3, 5, "c"),
    ]


def test_segments_without_text_do_not_hide_the_text_of_the_part() -> None:
    assert merge_segments([(0.0, 2.0, "Hello.", [{"start": 0, "end": 2, "text": " "}])]) == [
        segment(0, 2, "Hello.")
    ]


def test_parts_may_come_in_any_order() -> None:
    parts = [(5.0, 9.0, "two", None), (0.0, 5.0, "one", None)]
    assert [one["text"] for one in merge_segments(parts)] == ["one", "two"]


# Subtitles ---------------------------------------------------------------------------------------


def test_srt_is_numbered_and_has_commas() -> None:
    assert to_srt([segment(0, 1.5, "Hello."), segment(3661.0425, 360_000.5, "Late.")]) == (
        "1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n2\n01:01:01,042 --> 100:00:00,500\nLate.\n\n"
    )


def test_vtt_has_a_header_and_dots() -> None:
    assert to_vtt([segment(0, 1.5, "Hello."), segment(3661.25, 360_000.5, "Late.")]) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.500\nHello.\n\n"
        "01:01:01.250 --> 100:00:00.500\nLate.\n\n"
    )


def test_no_segments_are_a_valid_file() -> None:
    assert (to_srt([]), to_vtt([])) == ("", "WEBVTT\n\n")
    assert to_srt([segment(0, 1, " \n\t")]) == ""


def test_vtt_escapes_markup() -> None:
    assert "a --&gt; b &amp; &lt;i&gt;c\n" in to_vtt([segment(0, 1, "a --> b & <i>c")])
    assert "a --> b & <i>c\n" in to_srt([segment(0, 1, "a --> b & <i>c")])


def test_line_breaks_in_a_text_do_not_end_a_cue() -> None:
    text = "one\n\ntwo\r\nthree\u2028four\x00five"
    assert parsed_srt(to_srt([segment(0, 1, text)])) == [(0, 1, ["one two three four five"])]


def test_a_long_text_is_shown_two_lines_at_a_time() -> None:
    text = "The quick brown fox jumps over the lazy dog, and " * 4 + "then it rests."
    cues = parsed_srt(to_srt([segment(10, 20, text)]))
    assert [len(lines) for _, _, lines in cues] == [2, 2, 2]
    assert " ".join(line for _, _, lines in cues for line in lines) == text
    assert (cues[0][0], cues[-1][1]) == (10, 20)
    assert all(one[1] == after[0] for one, after in pairwise(cues))
    letters = [sum(map(len, lines)) for _, _, lines in cues]
    assert [end - start for start, end, _ in cues] == pytest.approx(
        [10 * count / sum(letters) for count in letters], abs=0.002
    )


def test_a_text_without_spaces_is_broken_anywhere() -> None:
    (cue,) = parsed_srt(to_srt([segment(0, 2, "x" * 60)]))
    assert cue[2] == ["x" * 42, "x" * 18]


def test_wide_characters_take_two_columns() -> None:
    cues = parsed_srt(to_srt([segment(0, 4, "世" * 50)]))
    assert [lines for _, _, lines in cues] == [["世" * 21, "世" * 21], ["世" * 8]]


def test_a_cue_of_an_empty_segment_takes_a_millisecond() -> None:
    cues = parsed_srt(to_srt([segment(5, 5, "word " * 60)]))
    assert len(cues) > 1 and all(end > start for start, end, _ in cues)


@given(
    st.lists(st.tuples(st.floats(0, 10**6), st.floats(0, 100), st.text(max_size=300)), max_size=6)
)
def test_subtitles_can_be_read_back(made: list[tuple[float, float, str]]) -> None:
    segments = [segment(start, start + length, text) for start, length, text in made]
    cues = parsed_srt(to_srt(segments))
    assert parsed_vtt(to_vtt(segments)) == cues
    for start, end, lines in cues:
        assert end > start and 1 <= len(lines) <= 2
        assert all(0 < len(line) <= 42 for line in lines)
    shown = "".join("".join(lines) for _, _, lines in cues)
    assert bare(shown) == bare("".join(text for _, _, text in made))


def bare(text: str) -> str:
    return "".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


def parsed_srt(text: str) -> list[Cue]:
    """Read SubRip as a simple player does: blocks between empty lines."""
    cues = []
    for number, block in enumerate(filter(None, text.split("\n\n")), 1):
        head, times, *lines = block.split("\n")
        assert head == str(number)
        found = re.fullmatch(rf"{STAMP.format(',')} --> {STAMP.format(',')}", times)
        assert found
        cues.append((seconds(*found.groups()[:4]), seconds(*found.groups()[4:]), lines))
    return cues


def parsed_vtt(text: str) -> list[Cue]:
    """Read WebVTT: a header, then blocks whose text has no `-->`, and no tags."""
    header, *blocks = text.split("\n\n")
    assert header == "WEBVTT"
    cues = []
    for block in filter(None, blocks):
        times, *lines = block.split("\n")
        found = re.fullmatch(rf"{STAMP.format('[.]')} --> {STAMP.format('[.]')}", times)
        assert found and not any("-->" in line or "<" in line for line in lines)
        texts = [html.unescape(re.sub("&(?!amp;|lt;|gt;)", "!", line)) for line in lines]
        cues.append((seconds(*found.groups()[:4]), seconds(*found.groups()[4:]), texts))
    return cues


STAMP = r"(\d\d+):([0-5]\d):([0-5]\d){}(\d\d\d)"


def seconds(hours: str, minutes: str, whole: str, thousandths: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + int(whole) + int(thousandths) / 1000
