"""Find a secret in a text however a server wrote it, and replace it.

A server may repeat the key that it was sent, and escape or encode it first. So a secret is found in
plain text; in escapes of JSON, URLs and HTML, also nested ones; in hex and base64, alone or after
`Bearer `; and split over lines.
"""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from itertools import takewhile

HIDDEN = "[token]"
"""What stands in the place of a secret."""

_LONG = 16  # characters of a secret that is found in any letter case; a shorter one may be a word
_HALF = 14  # characters of half a secret that is found; a shorter one may be a word
_BREAKS = (b"\n", b"\r")
_MARKS = (b"\\u00", b"\\u{", b"\\U00", b"\\x", b"\\/", b"&#", b"%", b"\0")
"""Without any of them no escape of `_ESCAPE` writes a letter of a key."""
_ESCAPE = (
    rb"\\\\{0,15}"
    rb"(?:u0026(?:amp;){0,4}#(?:[xX]0{0,6}(?P<html>[2-7][0-9a-fA-F])|0{0,6}(?P<number>[1-9]\d{1,2}));?"
    rb"|(?:u00|u\{0{0,6}|U000000|x)(?P<json>[2-7][0-9a-fA-F])\}?"
    rb"|[rn][ \t]{0,8}|(?=[!-/:-@\[-`{-~]))"
    rb"|&(?:amp;){0,4}#(?:[xX]0{0,6}(?P<html_>[2-7][0-9a-fA-F])|0{0,6}(?P<number_>[1-9]\d{1,2}));?"
    rb"|%(?:25){0,4}(?:u00)?(?P<url>[2-7][0-9a-fA-F])"
    rb"|\r[ \t]{0,8}|\n[ \t]{0,8}|\0"
)
"""One escaped letter, or, without a group, what may stand between two.

Bounded, since servers write the text; quick, since each alternative begins with one sign.
"""
_SIGNS = frozenset(b"+/=_-.~\\%&#;{}\0")
"""What may stand in an encoded or escaped secret, beside letters, digits and its own signs."""
_MOST_ESCAPES = 500_000  # in one text, which take about half a second to read
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Spellings:
    """The ways in which one secret is written."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._folds = len(secret) >= _LONG
        # A line break leaves one half of a long secret whole, and none of a short one.
        self._marks = _MARKS if len(secret) >= 2 * _HALF else (*_MARKS, *_BREAKS)

    def may_be_in(self, raw: bytes) -> bool:
        """Tell quickly whether the secret may be in a text; mostly it is not."""
        if self._run not in raw.translate(self._runs):
            return False
        text = raw.lower() if self._folds else raw
        return (
            any(part in text for part in self._plain_parts)
            or any(part in raw for part in self._base64_parts)
            or any(mark in raw for mark in self._marks)
        )

    def hidden_in(self, raw: bytes) -> bytes:
        """Return a text with each occurrence replaced, however it is written.

        Half of a secret of 28 characters or more is replaced as well, as of one that is cut off;
        and a text that has more escapes than can be read is replaced as a whole.
        """
        try:
            text, place = _unescaped(raw)
        except OverflowError:
            return HIDDEN.encode()
        shown, end, joint = list[bytes](), 0, -1
        for start, stop in sorted(self._found(text)):
            if start > joint:
                shown += [raw[end : place(start)], HIDDEN.encode()]
            joint = max(joint, stop)
            end = _end_of(raw, place(joint - 1))
        return b"".join((*shown, raw[end:])) if shown else raw

    def _found(self, text: bytes) -> Iterator[tuple[int, int]]:
        folded = text.lower() if self._folds else text
        for plain in self._plain:
            yield from _occurrences(plain, folded)
        url_safe = text.translate(_TO_URL_SAFE)
        for core in self._base64:
            yield from _occurrences(core.translate(_TO_URL_SAFE), url_safe)

    @cached_property
    def _plain(self) -> list[bytes]:
        """The secret itself, and in hex: in small letters, where their case does not matter."""
        secret = self._secret
        spelt = dict.fromkeys((secret, secret.upper())) if self._folds else [secret]
        itself = secret.lower() if self._folds else secret
        return [_unescaped(itself)[0], *(one.hex().encode() for one in spelt)]

    @cached_property
    def _base64(self) -> list[bytes]:
        """The base64 of the secret behind 0, 1 or 2 bytes, as far as these do not change it."""
        ends = [(8 * before, 8 * (before + len(self._secret))) for before in range(3)]
        coded = [b64encode(bytes(before) + self._secret) for before in range(3)]
        return [
            one[-(-start // 6) : stop // 6] for one, (start, stop) in zip(coded, ends, strict=True)
        ]

    @cached_property
    def _plain_parts(self) -> list[bytes]:
        return [part for plain in self._plain for part in _parts(plain)]

    @cached_property
    def _base64_parts(self) -> list[bytes]:
        spelt = dict.fromkeys(
            form for core in self._base64 for form in (core, core.translate(_TO_URL_SAFE))
        )
        return [part for core in spelt for part in _parts(core)]

    @cached_property
    def _run(self) -> bytes:
        """As many `x` as the shortest part has letters; prose has no word so long."""
        return b"x" * min(map(len, (*self._plain_parts, *self._base64_parts)))

    @cached_property
    def _runs(self) -> bytes:
        """The table that makes `x` of what may stand in the secret, and a space of all else."""
        inside = {*_SIGNS, *self._secret}
        return bytes(
            ord("x" if code in inside or (chr(code).isalnum() and code < 128) else " ")
            for code in range(256)
        )


def _parts(text: bytes) -> tuple[bytes, ...]:
    """Return the halves of a long text, of which a line break leaves one whole."""
    middle = len(text) // 2
    return (text[:middle], text[middle:]) if middle >= _HALF else (text,)


def _occurrences(whole: bytes, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a text has a part of a secret, with all that belongs to it on both sides."""
    before = 0
    for part in _parts(whole):
        after = before + len(part)
        start = text.find(part)
        while start >= 0:
            stop = start + len(part)
            left = _shared(reversed(whole[:before]), reversed(text[max(0, start - before) : start]))
            right = _shared(whole[after:], text[stop : stop + len(whole)])
            yield start - left, stop + right
            start = text.find(part, stop)
        before = after


def _shared(one: Iterable[int], other: Iterable[int]) -> int:
    """Count the letters that two texts begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _unescaped(raw: bytes) -> tuple[bytes, Callable[[int], int]]:
    """Return a text without escapes and line breaks, and what maps its positions to the raw's."""
    pieces, starts, origins = list[bytes](), list[int](), list[int]()
    size = end = 0

    def add(piece: bytes, origin: int) -> None:
        nonlocal size
        pieces.append(piece)
        starts.append(size)
        origins.append(origin)
        size += len(piece)

    for count, found in enumerate(_escape().finditer(raw)):
        if count == _MOST_ESCAPES:
            raise OverflowError
        add(raw[end : found.start()], end)
        end = found.end()
        if found.lastgroup:
            add(_letter(found, found.lastgroup), found.start())
    add(raw[end:], end)

    def place(index: int) -> int:
        piece = bisect_right(starts, index) - 1
        return origins[piece] + index - starts[piece]

    return b"".join(pieces), place


@cache
def _escape() -> re.Pattern[bytes]:
    """Return `_ESCAPE`, compiled when first needed: that takes some milliseconds."""
    return re.compile(_ESCAPE)


def _letter(found: re.Match[bytes], group: str) -> bytes:
    base = 10 if group.startswith("number") else 16
    return bytes((int(found[group], base) % 128,))


def _end_of(raw: bytes, start: int) -> int:
    """Return where the character ends, escaped or not, that starts there."""
    found = _escape().match(raw, start)
    return found.end() if found and found.lastgroup else start + 1
