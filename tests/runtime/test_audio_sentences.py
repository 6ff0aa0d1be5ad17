"""Long texts split for speech, where a speaker would pause."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openrouter_connector.runtime.batch.sentences import split_after_sentences


def bare(text: str) -> str:
    return "".join(text.split())


# What people write, and what nobody does.
LETTERS = st.text(alphabet="ab .,!?\n。，　\"')（é\u0301世\u200dDr3")
BITS = [
    "Dr. Smith", "3.14", "J. R. Jones", "e.g. this", "Yes.", "No!", "(really?)", "one, two", "\n\n",
    "你好。", "再见！", "word", "am 3. Mai", "etc.", "…and",
]  # fmt: skip
TEXTS = LETTERS | st.text() | st.lists(st.sampled_from(BITS)).map(" ".join)


@given(TEXTS, st.integers(1, 60))
@example("a" * 100, 7)
@example("\u0301" * 30, 4)
@example(" " * 100 + "a", 3)
@example("." * 100, 9)
def test_nothing_is_lost_and_no_part_is_too_long(text: str, longest: int) -> None:
    found = split_after_sentences(text, longest)
    assert bare("".join(found)) == bare(text)
    assert all(len(part) <= longest for part in found)
    if len(text) > longest and text.strip():
        assert all(part == part.strip() != "" for part in found)


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1), st.integers(9, 40))
def test_a_word_that_fits_is_never_cut(words: list[str], longest: int) -> None:
    found = split_after_sentences(" ".join(words), longest)
    assert [word for part in found for word in part.split()] == words


@given(st.lists(st.text("abcdefgh ", min_size=1, max_size=30).map(str.strip), min_size=2))
def test_sentences_that_fit_stay_whole(words: list[str]) -> None:
    found = split_after_sentences(" ".join(f"He said {word} here." for word in words), 45)
    assert all(part.startswith("He said") and part.endswith("here.") for part in found)


def test_a_text_that_fits_stays_unchanged() -> None:
    assert split_after_sentences("  Hello.\n", 9) == ["  Hello.\n"]
    assert split_after_sentences("", 9) == [""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "First paragraph. It has two sentences.\n\nSecond one, and so on.",
            ["First paragraph. It has two sentences.", "Second one, and so on."],
            id="paragraphs",
        ),
        pytest.param(
            "Title\n\nA sentence that goes on. Another one, and it is longer.",
            ["Title\n\nA sentence that goes on.", "Another one, and it is longer."],
            id="a title is no part",
        ),
        pytest.param(
            "It is one, and it is two, and it is three, and it is four of them",
            ["It is one, and it is two,", "and it is three, and it is four of them"],
            id="commas",
        ),
        pytest.param(
            "one two three four five six seven eight nine ten",
            ["one two three four five six seven eight", "nine ten"],
            id="words",
        ),
        pytest.param("a" * 100, ["a" * 40, "a" * 40, "a" * 20], id="anywhere"),
        pytest.param(
            "He had been there. Then he met with Dr. Smith.",
            ["He had been there.", "Then he met with Dr. Smith."],
            id="title",
        ),
        pytest.param(
            "and then one day we all met the old Dr. Smith",
            ["and then one day we all met the old", "Dr. Smith"],
            id="title among words",
        ),
        pytest.param(
            "They say that pi is. Yet it goes 3.14. And on.",
            ["They say that pi is. Yet it goes 3.14.", "And on."],
            id="decimals",
        ),
        pytest.param(
            "It is surely written by J. R. R. Tolkien. Or is it?",
            ["It is surely written by", "J. R. R. Tolkien. Or is it?"],
            id="initials",
        ),
        pytest.param(
            "Im Sommer, z. B. am 3. Oktober, kam er. Und sie bzw. du?",
            ["Im Sommer, z. B. am 3. Oktober, kam er.", "Und sie bzw. du?"],
            id="ordinals",
        ),
        pytest.param(
            '"Why did you go?" she asked. "Well," he said at last.',
            ['"Why did you go?" she asked.', '"Well," he said at last.'],
            id="quotes",
        ),
        pytest.param(
            "今天天气很好。" * 7, ["今天天气很好。" * 5, "今天天气很好。" * 2], id="chinese"
        ),
        pytest.param(
            "「行こう。」" * 7, ["「行こう。」" * 6, "「行こう。」"], id="japanese, with quotes"
        ),
        pytest.param(
            "圆" * 36 + "3.14159" + "周", ["圆" * 36, "3.14159周"], id="decimals in chinese"
        ),
        pytest.param("天" * 40 + "？是", ["天" * 39, "天？是"], id="no mark begins a part"),
        pytest.param("ae\u0301" * 20, ["ae\u0301" * 13, "ae\u0301" * 7], id="accents"),
        pytest.param("👩‍🚀" * 14, ["👩‍🚀" * 13, "👩‍🚀"], id="joined emoji"),
    ],
)
def test_it_is_cut_where_a_speaker_would_pause(text: str, expected: list[str]) -> None:
    assert split_after_sentences(text, 40) == expected


@pytest.mark.parametrize("letters", ["a", "!", "\n", ". ", 'a"', "Dr. ", "a.b.", "\n \n", "。"])
def test_no_text_takes_quadratic_time(letters: str) -> None:
    """Each of these would take hours with a regular expression that backtracks."""
    text = letters * (60_000 // len(letters))
    assert bare("".join(split_after_sentences(text, 50_000))) == bare(text)


def test_a_part_needs_at_least_one_character() -> None:
    with pytest.raises(ValueError, match="at least one"):
        split_after_sentences("Hello", 0)
