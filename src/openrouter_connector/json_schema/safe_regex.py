r"""Patterns of outside schemas, run by RE2: in linear time, whatever they say.

JSON Schema means ECMAScript's syntax. Where RE2 writes the same differently it is translated:

    \u0041 → \x{41}     \/ → /     [^] → [\x{0}-\x{10ffff}]     [[] → [\[]     \s → all its spaces
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re2


MAX_PATTERNS = 30
"""The most patterns of one schema; what is more is not checked."""


class SafePattern(NamedTuple):
    """A pattern, compiled; without `program` it is not supported, and `why` says the reason."""

    program: re2._Regexp | None
    reason: str = ""
    invalid: bool = False
    """Whether it is no regular expression in any syntax."""

    def cost(self, length: int) -> int:
        """Return the steps that a text of this length takes, when RE2 has to go slowly."""
        return length * self.program.programsize // _STATES_A_STEP if self.program else 0

    def matches(self, text: str) -> bool:
        """Return whether it matches anywhere in a text."""
        # Half a character, as JSON can hold it, is no text for RE2.
        return bool(self.program and self.program.search(text.encode(errors="replace")))


@lru_cache(maxsize=2 * MAX_PATTERNS)
def compile_pattern(pattern: str) -> SafePattern:
    """Compile a pattern, or say why that cannot be done."""
    import re2  # only needed where there is a pattern

    if len(pattern) > _LONGEST:
        return SafePattern(None, f"it has more than {_LONGEST:,} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return SafePattern(re2.compile(to_re2_syntax(pattern), options))
    except re2.error as error:
        why = error.args[0].decode(errors="replace") if error.args else "unknown"
        return SafePattern(None, why, why.startswith(_BROKEN))
    except (UnicodeEncodeError, _UnsupportedError) as error:
        return SafePattern(None, str(error))
    finally:
        re2.purge()  # its own cache would keep 128 of them


def to_re2_syntax(pattern: str) -> str:
    """Write an ECMAScript pattern as RE2 reads it."""
    pieces = [piece[0] for piece in _TOKEN.finditer(pattern)]
    written: list[str] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece == "[":
            inside, at = _class(pieces, at)
            written.append(inside)
        elif piece == ".":
            written.append(r"[^\n\r\x{2028}\x{2029}]")
        elif piece in _SETS:
            written.append(f"[{_SETS[piece]}]")
        elif piece in _ANCHORS:
            written.append(_ANCHORS[piece])
        else:
            written.append(_atom(piece))
    return "".join(written)


def _class(pieces: list[str], at: int) -> tuple[str, int]:
    """Write what is in brackets, and tell where it ends."""
    negated = pieces[at : at + 1] == ["^"]
    at += negated
    members: list[str] = []
    while at < len(pieces) and pieces[at] != "]":
        first, last = pieces[at], pieces[at + 2 : at + 3]
        if pieces[at + 1 : at + 2] == ["-"] and last not in ([], ["]"]) and _single(first, last[0]):
            members.append(f"{_member(first)}-{_member(last[0])}")
            at += 3
        else:
            members.append(_member(first))
            at += 1
    if at == len(pieces):
        return "[", at  # RE2 says what is wrong with it
    if not members:
        return (r"[\x{0}-\x{10ffff}]" if negated else r"[^\x{0}-\x{10ffff}]"), at + 1
    return f"[{'^' if negated else ''}{''.join(members)}]", at + 1


def _single(*pieces: str) -> bool:
    """Whether these are characters, and none a set of them."""
    return not any(one in _SETS or one[:2] in _MANY for one in pieces)


def _member(piece: str) -> str:
    if piece == r"\b":
        return r"\x08"
    return _SETS.get(piece) or (f"\\{piece}" if piece in "[]-^&~|\\" else _atom(piece))


def _atom(piece: str) -> str:
    """Write one piece, in brackets or out of them."""
    if not piece.startswith("\\") or len(piece) == 1:
        return piece
    kind = piece[1]
    if kind == "u":
        return _character(piece)
    if kind == "c":
        return rf"\x{{{ord(piece[2]) % 32:x}}}"
    if kind in "pP":
        return _PROPERTY.sub(r"\\\1{", piece)
    if kind in "0123456789" and piece != r"\0":
        raise _UnsupportedError(f"{piece} is not supported")
    if kind == "0":
        return r"\x{0}"
    if kind in _KEPT or not kind.isalnum():
        return piece if kind.isascii() and kind != "_" else kind
    if kind in "kKGRXQECzZ":
        raise _UnsupportedError(f"{piece} is not supported")
    return kind


def _character(piece: str) -> str:
    numbers = [int(one, 16) for one in re.findall("[0-9A-Fa-f]+", piece)]
    if len(numbers) == 2:
        numbers = [0x10000 + ((numbers[0] - 0xD800) << 10) + numbers[1] - 0xDC00]
    if not numbers:
        return "u"
    if 0xD800 <= numbers[0] <= 0xDFFF:
        raise _UnsupportedError(f"{piece} is half a character")
    return rf"\x{{{numbers[0]:x}}}"


class _UnsupportedError(ValueError):
    """The pattern has what RE2 has not."""


_TOKEN = re.compile(
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
    r"|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\x[0-9A-Fa-f]{2}|\\c[A-Za-z]"
    r"|\\[pP]\{[^}]{0,60}\}|\\.|.",
    re.DOTALL,
)
_PROPERTY = re.compile(r"\\([pP])\{(?:Script|sc|General_Category|gc)=")
_MANY = (r"\d", r"\D", r"\w", r"\W", r"\p", r"\P")
_KEPT = "dDwWbBfnrtvxA"
_ANCHORS = {r"\Z": r"\z", r"\z": r"\z"}  # Python's and Perl's, as people write them all the same
_SPACES = (
    *((0x9, 0xD), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)


def _ranges() -> Iterator[tuple[int, int]]:
    """Give what lies between the spaces."""
    begin = 0
    for first, last in _SPACES:
        yield begin, first - 1
        begin = last + 1
    yield begin, 0x10FFFF


def _listed(ranges: Iterator[tuple[int, int]]) -> str:
    return "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges)


_SETS = {r"\s": _listed(iter(_SPACES)), r"\S": _listed(_ranges())}

_LONGEST = 2000
_MEMORY = 1 << 19
_STATES_A_STEP = 2000
_BROKEN = ("missing )", "unexpected )", "missing ]", "trailing \\", "no argument for repetition")
