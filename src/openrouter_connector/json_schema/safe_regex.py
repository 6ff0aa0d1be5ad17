r"""Run the regular expressions of outside schemas with RE2: in linear time, whatever they contain.

Python's `re` can take years for a hostile pattern. JSON Schema uses ECMAScript's syntax; where
RE2's differs, it is translated:

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
"""The most patterns of one schema that are checked."""


class SafePattern(NamedTuple):
    """A compiled pattern; one without `program` is not supported, for the given `reason`."""

    program: re2._Regexp | None
    reason: str = ""
    invalid: bool = False
    """Whether the pattern is wrong in any syntax, rather than only unsupported here."""

    def cost(self, length: int) -> int:
        """Return the steps for a text of this length, at RE2's slowest."""
        return length * self.program.programsize // _STATES_PER_STEP if self.program else 0

    def matches(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in a text."""
        # RE2 takes UTF-8 only, and JSON may hold lone surrogates.
        return bool(self.program and self.program.search(text.encode(errors="replace")))


@lru_cache(maxsize=2 * MAX_PATTERNS)
def compile_pattern(pattern: str) -> SafePattern:
    """Compile a pattern; the result has a reason if that is not possible."""
    import re2  # heavy, and only needed for schemas with patterns

    if len(pattern) > _MAX_LENGTH:
        return SafePattern(None, f"it has more than {_MAX_LENGTH:,} characters")
    options = re2.Options()
    options.log_errors = False  # RE2 would write them to stderr
    options.max_mem = _MAX_MEMORY
    try:
        return SafePattern(re2.compile(to_re2_syntax(pattern), options))
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if error.args else "unknown"
        return SafePattern(None, reason, reason.startswith(_INVALID))
    except (UnicodeEncodeError, _UnsupportedError) as error:
        return SafePattern(None, str(error))
    finally:
        re2.purge()  # RE2's own cache would keep 128 patterns in memory


def to_re2_syntax(pattern: str) -> str:
    """Translate an ECMAScript pattern into RE2's syntax."""
    symbols = [match[0] for match in _TOKEN.finditer(pattern)]
    output: list[str] = []
    at = 0
    while at < len(symbols):
        symbol = symbols[at]
        at += 1
        if symbol == "[":
            members, at = _character_class(symbols, at)
            output.append(members)
        elif symbol == ".":
            output.append(r"[^\n\r\x{2028}\x{2029}]")
        elif symbol in _SETS:
            output.append(f"[{_SETS[symbol]}]")
        elif symbol in _ANCHORS:
            output.append(_ANCHORS[symbol])
        else:
            output.append(_atom(symbol))
    return "".join(output)


def _character_class(symbols: list[str], at: int) -> tuple[str, int]:
    """Translate a bracket expression; return it with the position after it."""
    negated = symbols[at : at + 1] == ["^"]
    at += negated
    members: list[str] = []
    while at < len(symbols) and symbols[at] != "]":
        first, last = symbols[at], symbols[at + 2 : at + 3]
        is_range = symbols[at + 1 : at + 2] == ["-"] and last not in ([], ["]"])
        if is_range and _are_characters(first, last[0]):
            members.append(f"{_member(first)}-{_member(last[0])}")
            at += 3
        else:
            members.append(_member(first))
            at += 1
    if at == len(symbols):
        return "[", at  # never closed: RE2 reports it
    if not members:
        return (r"[\x{0}-\x{10ffff}]" if negated else r"[^\x{0}-\x{10ffff}]"), at + 1
    return f"[{'^' if negated else ''}{''.join(members)}]", at + 1


def _are_characters(*symbols: str) -> bool:
    """Return whether each symbol stands for one character, not for a set of them."""
    return not any(symbol in _SETS or symbol[:2] in _SET_ESCAPES for symbol in symbols)


def _member(symbol: str) -> str:
    if symbol == r"\b":  # inside brackets, a backspace
        return r"\x08"
    return _SETS.get(symbol) or (f"\\{symbol}" if symbol in "[]-^&~|\\" else _atom(symbol))


def _atom(symbol: str) -> str:
    """Translate one symbol, inside or outside of brackets."""
    if not symbol.startswith("\\") or len(symbol) == 1:
        return symbol
    kind = symbol[1]
    if kind == "u":
        return _character(symbol)
    if kind == "c":
        return rf"\x{{{ord(symbol[2]) % 32:x}}}"
    if kind in "pP":
        return _PROPERTY.sub(r"\\\1{", symbol)
    if kind in "0123456789" and symbol != r"\0":
        raise _UnsupportedError(f"{symbol} is not supported")
    if kind == "0":
        return r"\x{0}"
    if kind in _SAME_IN_RE2 or not kind.isalnum():
        return symbol if kind.isascii() and kind != "_" else kind
    if kind in "kKGRXQECzZ":
        raise _UnsupportedError(f"{symbol} is not supported")
    return kind


def _character(symbol: str) -> str:
    numbers = [int(digits, 16) for digits in re.findall("[0-9A-Fa-f]+", symbol)]
    if len(numbers) == 2:  # a surrogate pair
        numbers = [0x10000 + ((numbers[0] - 0xD800) << 10) + numbers[1] - 0xDC00]
    if not numbers:
        return "u"
    if 0xD800 <= numbers[0] <= 0xDFFF:
        raise _UnsupportedError(f"{symbol} is half of a character")
    return rf"\x{{{numbers[0]:x}}}"


class _UnsupportedError(ValueError):
    """The pattern uses syntax that RE2 lacks."""


_TOKEN = re.compile(
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"
    r"|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\x[0-9A-Fa-f]{2}|\\c[A-Za-z]"
    r"|\\[pP]\{[^}]{0,60}\}|\\.|.",
    re.DOTALL,
)
_PROPERTY = re.compile(r"\\([pP])\{(?:Script|sc|General_Category|gc)=")
_SET_ESCAPES = (r"\d", r"\D", r"\w", r"\W", r"\p", r"\P")
_SAME_IN_RE2 = "dDwWbBfnrtvxA"
_ANCHORS = {r"\Z": r"\z", r"\z": r"\z"}  # Python's and Perl's anchors: people use them here too
_SPACES = (
    *((0x9, 0xD), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)


def _ranges() -> Iterator[tuple[int, int]]:
    """Yield the ranges between the spaces."""
    begin = 0
    for first, last in _SPACES:
        yield begin, first - 1
        begin = last + 1
    yield begin, 0x10FFFF


def _to_class(ranges: Iterator[tuple[int, int]]) -> str:
    return "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges)


_SETS = {r"\s": _to_class(iter(_SPACES)), r"\S": _to_class(_ranges())}

_MAX_LENGTH = 2000
_MAX_MEMORY = 1 << 19
_STATES_PER_STEP = 2000
_INVALID = ("missing )", "unexpected )", "missing ]", "trailing \\", "no argument for repetition")
