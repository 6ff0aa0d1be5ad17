"""Split a long text for speech, at the positions where a speaker would pause."""

from __future__ import annotations

import re
from unicodedata import category

_CLOSING = r"[\"'”’»)\]}]*+"
_PARAGRAPH = r"\n[^\S\n]*\n"
_PARAGRAPHS = re.compile(_PARAGRAPH)
# A mark needs white space after it, except in scripts that are written without spaces.
_SENTENCES = re.compile(
    rf"(?<![.!?…])[.!?…]++{_CLOSING}(?=\s)|[。！？｡؟۔।॥]+[」』”’）]*|{_PARAGRAPH}"
)
_CLAUSES = re.compile(rf"[,;:–—]{_CLOSING}(?=\s)|[，、；：،؛]|\n")
_SPACE = re.compile(r"\s*")
_LATIN = re.compile(r"[!-\u024f]{2}")
_BEFORE = re.compile(r"(?:\w+\.)*\w+$")
_SILENT = "ZCP"  # Unicode categories: separators, control characters, punctuation
_READ_ALOUD = "&%@"  # punctuation that is read aloud; a single * or # is markup
_LONGEST_ABBREVIATION = 10  # characters
_ABBREVIATION_LIST = """
    dr mr mrs ms prof sr jr st vs etc eg ie cf ca approx no nos vol vols fig figs ed eds pp inc ltd
    co corp dept gen col sgt lt capt gov sen rep rev hon mt ave blvd est jan feb mar apr jun jul aug
    sep sept oct nov dec e.g i.e a.m p.m u.s u.k ph.d
    nr abs art bd bspw evtl ggf inkl str tel zzgl bzw usw vgl hr fr z.b d.h u.a o.ä
    mme mlle mm av boul sra srta ud uds dott sig ing avv dra
"""  # English; German; French, Spanish, Italian, Portuguese
_ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())


def split_after_sentences(text: str, max_length: int) -> list[str]:
    """Split a text into parts of at most `max_length` characters; a short text stays unchanged.

    A part ends after a paragraph, or else a sentence, that makes it at least half as long as it may
    be; else after any sentence, clause or word; inside a word only if the word is too long. Only
    white space between parts is lost.
    """
    if max_length < 1:
        raise ValueError("a part needs at least one character")
    if len(text) <= max_length:
        return [text]
    text = text.strip()
    parts, start = [], 0
    while len(text) - start > max_length:
        end = _end(text, start, start + max_length)
        parts.append(text[start:end].rstrip())
        start = _after_space(text, end)
    return [*parts, text[start:]]


def is_speakable(text: str) -> bool:
    """Return whether a text has more than white space, control characters and punctuation."""
    return any(letter in _READ_ALOUD or category(letter)[0] not in _SILENT for letter in text)


def _end(text: str, start: int, stop: int) -> int:
    """Return the best position to end a part that may go up to `stop`."""
    half = (start + stop) // 2
    for marks, least in (
        (_PARAGRAPHS, half),
        (_SENTENCES, half),
        (_SENTENCES, start),
        (_CLAUSES, start),
    ):
        if end := _last_mark(marks, text, start, stop, least):
            return end
    positions = range(stop, start, -1)
    for is_good in (_between_words, _at_space, _outside_words, _before_letter):
        if end := next((position for position in positions if is_good(text, position)), 0):
            return end
    return stop


def _last_mark(marks: re.Pattern[str], text: str, start: int, stop: int, least: int) -> int:
    """Return the end of the last mark between `least` and `stop`; 0 without a mark."""
    # Two more characters for the space after a mark. Never the whole rest: that would be quadratic.
    found = [mark for mark in marks.finditer(text, start, stop + 2) if least < mark.end() <= stop]
    return next((mark.end() for mark in reversed(found) if _ends_sentence(text, mark)), 0)


def _ends_sentence(text: str, mark: re.Match[str]) -> bool:
    """Return whether a mark ends what it should, and is not the full stop of an abbreviation."""
    if mark[0][0] not in ".!?…":
        return True
    following = _after_space(text, mark.end())
    is_lower = text[following : following + 1].islower()
    return not (is_lower or _is_abbreviation(text, mark.start()))


def _is_abbreviation(text: str, dot: int) -> bool:
    """Return whether a full stop belongs to an abbreviation, an initial or an ordinal number."""
    if text[dot : dot + 1] != "." or text[dot + 1 : dot + 2] == ".":
        return False
    before = _BEFORE.search(text[max(0, dot - _LONGEST_ABBREVIATION) : dot])
    word = before[0].lower() if before else ""
    return word in _ABBREVIATIONS or len(word) == 1 or (word.isdecimal() and len(word) < 3)


def _between_words(text: str, position: int) -> bool:
    return _at_space(text, position) and not _is_abbreviation(text, position - 1)


def _at_space(text: str, position: int) -> bool:
    return text[position].isspace()


def _outside_words(text: str, position: int) -> bool:
    """Return whether no Latin word is cut here, and no mark from the word before it."""
    ends = category(text[position]) in ("Po", "Pe", "Pf")
    return not ends and _before_letter(text, position) and not _LATIN.match(text, position - 1)


def _before_letter(text: str, position: int) -> bool:
    """Return whether the next character is no accent, and not joined to the one before (emoji)."""
    joined = "\u200d" in text[position - 1 : position + 1]
    return not joined and not category(text[position]).startswith("M")


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position
