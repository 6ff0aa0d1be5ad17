"""A long text cut for speech, where a speaker would pause."""

from __future__ import annotations

import re
from unicodedata import category

_CLOSING = r"[\"'”’»)\]}]*+"
_PARAGRAPH = r"\n[^\S\n]*\n"
_PARAGRAPHS = re.compile(_PARAGRAPH)
# A mark needs white space behind it, but in scripts that are written without any.
_SENTENCES = re.compile(
    rf"(?<![.!?…])[.!?…]++{_CLOSING}(?=\s)|[。！？｡؟۔।॥]+[」』”’）]*|{_PARAGRAPH}"
)
_CLAUSES = re.compile(rf"[,;:–—]{_CLOSING}(?=\s)|[，、；：،؛]|\n")
_SPACE = re.compile(r"\s*")
_LATIN = re.compile(r"[!-\u024f]{2}")
_BEFORE = re.compile(r"(?:\w+\.)*\w+$")
_UNSAID = "ZCP"  # separators, control characters, punctuation
_SAID = "&%@"  # though they are punctuation; * and # alone are markup
_LONGEST_SHORT = 10  # characters of an abbreviation
_SHORT = """
    dr mr mrs ms prof sr jr st vs etc eg ie cf ca approx no nos vol vols fig figs ed eds pp inc ltd
    co corp dept gen col sgt lt capt gov sen rep rev hon mt ave blvd est jan feb mar apr jun jul aug
    sep sept oct nov dec e.g i.e a.m p.m u.s u.k ph.d
    nr abs art bd bspw evtl ggf inkl str tel zzgl bzw usw vgl hr fr z.b d.h u.a o.ä
    mme mlle mm av boul sra srta ud uds dott sig ing avv dra
"""  # English; German; French, Spanish, Italian, Portuguese
_ABBREVIATIONS = frozenset(_SHORT.split())


def pieces(text: str, longest: int) -> list[str]:
    """Cut a text into pieces of at most `longest` characters; a text that fits stays as it is.

    A piece ends with a paragraph or else a sentence that makes it at least half as long as it may
    be, else with any sentence, clause or word, and in the middle of a word only if that is longer.
    Nothing but white space gets lost.
    """
    if longest < 1:
        raise ValueError("a piece takes at least one character")
    if len(text) <= longest:
        return [text]
    text = text.strip()
    found, start = [], 0
    while len(text) - start > longest:
        end = _end(text, start, start + longest)
        found.append(text[start:end].rstrip())
        start = _after_space(text, end)
    return [*found, text[start:]]


def speakable(text: str) -> bool:
    """Tell whether there is more than white space, control characters and silent punctuation."""
    return any(letter in _SAID or category(letter)[0] not in _UNSAID for letter in text)


def _end(text: str, start: int, stop: int) -> int:
    """Give the best place to end a piece that may go up to `stop`, where the text goes on."""
    half = (start + stop) // 2
    for marks, least in (
        (_PARAGRAPHS, half),
        (_SENTENCES, half),
        (_SENTENCES, start),
        (_CLAUSES, start),
    ):
        if end := _last_mark(marks, text, start, stop, least):
            return end
    places = range(stop, start, -1)
    for good in (_between_words, _at_space, _outside_words, _before_letter):
        if end := next((place for place in places if good(text, place)), 0):
            return end
    return stop


def _last_mark(marks: re.Pattern[str], text: str, start: int, stop: int, least: int) -> int:
    """Give the end of the last mark in reach, 0 when there is none."""
    # Two more characters, so that the space behind a mark is seen; never the rest of the text.
    found = [one for one in marks.finditer(text, start, stop + 2) if least < one.end() <= stop]
    return next((one.end() for one in reversed(found) if _ends(text, one)), 0)


def _ends(text: str, mark: re.Match[str]) -> bool:
    """Tell whether a mark is what it looks like, and not the full stop of an abbreviation."""
    if mark[0][0] not in ".!?…":
        return True
    follows = _after_space(text, mark.end())
    return not (text[follows : follows + 1].islower() or _abbreviated(text, mark.start()))


def _abbreviated(text: str, dot: int) -> bool:
    """Tell whether a full stop belongs to an abbreviation, an initial or an ordinal number."""
    if text[dot : dot + 1] != "." or text[dot + 1 : dot + 2] == ".":
        return False
    before = _BEFORE.search(text[max(0, dot - _LONGEST_SHORT) : dot])
    word = before[0].lower() if before else ""
    return word in _ABBREVIATIONS or len(word) == 1 or (word.isdecimal() and len(word) < 3)


def _between_words(text: str, place: int) -> bool:
    return _at_space(text, place) and not _abbreviated(text, place - 1)


def _at_space(text: str, place: int) -> bool:
    return text[place].isspace()


def _outside_words(text: str, place: int) -> bool:
    """Tell whether neither a word of letters like ours is cut, nor a mark from what it ends."""
    ends = category(text[place]) in ("Po", "Pe", "Pf")
    return not ends and _before_letter(text, place) and not _LATIN.match(text, place - 1)


def _before_letter(text: str, place: int) -> bool:
    """Tell whether what follows is no accent, nor joined to what comes before."""
    joined = "\u200d" in text[place - 1 : place + 1]
    return not joined and not category(text[place]).startswith("M")


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
