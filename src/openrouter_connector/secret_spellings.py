"""Find a secret in a text however a server wrote it, and replace it.

A server may repeat the key that it was sent, and escape or encode it first. So a secret is found in
plain text; in escapes of JSON, URLs, HTML and mails, also nested ones; in hex and base64, alone or
after `Bearer `; in wide letters; and split over lines, or by what no reader sees.
"""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from itertools import takewhile
from unicodedata import normalize

HIDDEN = "[token]"
"""The text that replaces a secret."""

_LONG = 16  # characters of a secret that is found in any letter case; a shorter one may be a word
_HALF = 14  # characters of half a secret that is found; a shorter one may be a word
_BREAKS = (b"\n", b"\r")
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))
_UNSEEN_BYTES = b"\xc2\xd8\xdb\xe1\xe2\xed\xef\xf0\xf3"
"""What the UTF-8 of a wide or unseen letter begins with."""
_MARKS = (b"\\u", b"\\U00", b"\\x", b"\\/", b"&#", b";#")
_SINGLE_MARKS = b"%" + _CONTROLS + _UNSEEN_BYTES
_MAIL_MARK = rb"=(?:[2-7][0-9A-Fa-f]|\\?[\r\nrn])"
_OCTAL_MARK = rb"\\[01][0-7]"
"""Without any of these marks no escape of `_ESCAPE` or `_RARE` writes a letter of a key."""
_STYLE = rb"(?:\[[0-9;]{0,9}[A-Za-z])?"
_UNSEEN = (
    rb"\x1b" + _STYLE + rb"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f\xad]"
    rb"|\xd8[\x80-\x85\x9c]|\xdb\x9d|\xe1\xa0[\x8b-\x8f]"
    rb"|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]"
    rb"|\xed[\xa0-\xbf][\x80-\xbf]|\xef\xb8[\x80-\x8f]|\xef\xbb\xbf|\xef\xbf[\xb9-\xbb]"
    rb"|\xf3\xa0[\x80-\x87][\x80-\xbf]"
)
"""Controls, half surrogates, and what has no width or turns the direction, in UTF-8."""
_ESCAPE = (
    rb"\\\\{0,15}"
    rb"(?:u0026(?:amp;){0,4}#(?:[xX]0{0,6}(?P<html>[2-7][0-9a-fA-F])|0{0,6}(?P<number>[1-9]\d{1,2}));?"
    rb"|(?:u00|u\{0{0,6}|U000000|x)(?P<json>[2-7][0-9a-eA-E]|[2-6][fF])\}?"
    rb"|u(?:001[bB]" + _STYLE + rb"|00[01][0-9a-fA-F]|007[fF]|00[89][0-9a-fA-F]|00[aA][dD]"
    rb"|20(?:0[b-fB-F]|2[a-eA-E]|6[0-9a-fA-F])|06(?:0[0-5]|1[cC])|[fF][eE](?:0[0-9a-fA-F]|[fF]{2})|[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|[rn][ \t]{0,8}|(?=[!-/:-@\[-`{-~]))"
    rb"|&(?:amp;){0,4}#(?:[xX]0{0,6}(?P<html_>[2-7][0-9a-fA-F])|0{0,6}(?P<number_>[1-9]\d{1,2}));?"
    rb"|%(?:25){0,4}(?:u00)?(?P<url>[2-7][0-9a-fA-F])"
    rb"|(?P<wide>\xef(?:\xbc[\x81-\xbf]|\xbd[\x80-\x9e])|\xf0\x9d[\x90-\x9f][\x80-\xbf]|\xe2\x80[\x90\x91])"
    rb"|\r[ \t]{0,8}|\n[ \t]{0,8}|" + _UNSEEN
)
"""One escaped letter, or, without a group, what may stand between two.

Bounded, since servers write the text; quick, since each alternative begins with one sign.
"""
_RARE = (
    rb"=(?:(?P<mail>[2-7][0-9A-Fa-f])|\r?\n|\\r\\n|\\n)"
    rb"|\\\\{0,15}(?P<octal>[01][0-7]{2})|" + _ESCAPE
)
"""The same with escapes of mails and octal ones. They are looked for apart: `=73` may be plain."""
_SIGNS = frozenset(b"+/=_-.~\\%&#;{}[" + _CONTROLS + _UNSEEN_BYTES + bytes(range(0x80, 0xC0)))
"""What may stand in an encoded or escaped secret, beside letters, digits and its own signs."""
_WINDOW = 1024 * 1024  # bytes that are read at once, since each escape takes a hundred in memory
_WIDEST = 64  # bytes that one letter of a secret takes
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Spellings:
    """The ways in which one secret is written."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._folds = len(secret) >= _LONG
        # A line break leaves one half of a long secret whole, and none of a short one.
        self._marks = _MARKS if len(secret) >= 2 * _HALF else (*_MARKS, *_BREAKS)
        pairs = [secret[:2].hex(sign)[:4] for sign in ": "]  # such as `73:6`
        self.least = min(_HALF, len(secret))
        """No shorter text has the secret in it, or what is replaced of it."""
        first, second = (re.escape(letter) for letter in secret[:2].decode())
        self.begin = f"{first}(?:{second}|$|[^ -~])"
        """A pattern of its first letters, as far as a text has them."""
        self._spaced_marks = tuple({form.encode() for one in pairs for form in (one, one.upper())})

    def may_be_in(self, raw: bytes) -> bool:
        """Tell quickly whether the secret may be in a text; mostly it is not."""
        if len(raw) < self.least:
            return False
        for mark in self._spaced_marks:
            if mark in raw:
                return True
        if self._run not in raw.translate(self._runs):
            return False
        text = raw.lower() if self._folds else raw
        return (
            any(part in text for part in self._plain_parts)
            or any(part in raw for part in self._base64_parts)
            or any(mark in raw for mark in self._marks)
            or len(raw.translate(None, _SINGLE_MARKS)) < len(raw)
            or any(_compiled(mark).search(raw) for mark in (_MAIL_MARK, _OCTAL_MARK))
        )

    def begins_at(self, text: str) -> int:
        """Return where a beginning of the secret stands at the end of a text: its length for none.

        What follows may complete it. Letters that no reader sees may stand between its own.
        """
        first = self._text[0]
        tail = text[-8 * len(self._secret) :]
        places: list[int] | range = range(len(tail))
        if not tail.isprintable():
            places = [place for place, letter in enumerate(tail) if letter.isprintable()]
            tail = "".join(map(tail.__getitem__, places))
        if self._folds:
            tail = tail.lower()
        size = len(self._text)
        start = tail.find(first, max(0, len(tail) - size))
        while start >= 0:
            whole = tail.find(self._text, max(0, start - size + 1), start + size - 1)
            if whole >= 0:  # its end is no beginning of another
                start = whole + size - 1
            elif self._text.startswith(tail[start:]):
                return max(0, len(text) - 8 * len(self._secret)) + places[start]
            start = tail.find(first, start + 1)
        return len(text)

    def hidden_in(self, raw: bytes) -> bytes:
        """Return a text with each occurrence replaced, however it is written.

        Half of a secret of 28 characters or more is replaced as well, as of one that is cut off.
        """
        shown, end, joint = list[bytes](), 0, -1
        for start, stop in sorted(self._places(raw)):
            if start > joint:
                shown += [raw[end:start], HIDDEN.encode()]
            joint = end = max(joint, stop)
        return b"".join((*shown, raw[end:])) if shown else raw

    def _places(self, raw: bytes) -> Iterator[tuple[int, int]]:
        """Yield where a text has the secret, or parts of it; one place may come twice."""
        step = max(_WINDOW, 4 * _WIDEST * len(self._secret))
        for begin in range(0, len(raw), step):
            window = raw[max(0, begin - 2 * _WIDEST * len(self._secret)) : begin + step]
            if self.may_be_in(window):
                offset = min(len(raw), begin + step) - len(window)
                for start, stop in self._places_in(window):
                    yield offset + start, offset + stop

    def _places_in(self, raw: bytes) -> Iterator[tuple[int, int]]:
        patterns = [_ESCAPE]
        if any(_compiled(mark).search(raw) for mark in (_MAIL_MARK, _OCTAL_MARK)):
            patterns.append(_RARE)
        for pattern in patterns:
            escape = _compiled(pattern)
            text, place = _unescaped(raw, escape)
            for start, stop in self._found(text):
                yield place(start), _end_of(raw, place(stop - 1), escape)
        for mark in self._spaced_marks:
            if mark in raw:
                yield from (found.span() for found in self._spaced.finditer(raw))
                break

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
        return [_unescaped(itself, _compiled(_ESCAPE))[0], *(one.hex().encode() for one in spelt)]

    @cached_property
    def _text(self) -> str:
        return (self._secret.lower() if self._folds else self._secret).decode()

    @cached_property
    def _spaced(self) -> re.Pattern[bytes]:
        """The hex of at least eight letters, with signs between them."""
        first, *rest = (b"%02x" % code for code in self._secret)
        least, more = rest[:7], rest[7:]
        sign = rb"[: ]"
        ends = b"".join(b"(?:" + sign + pair for pair in more) + b")?" * len(more)
        return re.compile(sign.join((first, *least)) + ends, re.IGNORECASE)

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


def _unescaped(raw: bytes, escape: re.Pattern[bytes]) -> tuple[bytes, Callable[[int], int]]:
    """Return a text without escapes and line breaks, and what maps its positions to the raw's."""
    pieces, starts, origins = list[bytes](), list[int](), list[int]()
    size = end = 0

    def add(piece: bytes, origin: int) -> None:
        nonlocal size
        pieces.append(piece)
        starts.append(size)
        origins.append(origin)
        size += len(piece)

    for found in escape.finditer(raw):
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
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    """Return a pattern, compiled when first needed: that takes some milliseconds."""
    return re.compile(pattern)


def _letter(found: re.Match[bytes], group: str) -> bytes:
    if group == "wide":
        letter = normalize("NFKC", found[group].decode(errors="replace"))
        return letter.replace("\u2010", "-").encode(errors="replace")[:1]
    base = {"number": 10, "octal": 8}.get(group.rstrip("_"), 16)
    return bytes((int(found[group], base) % 128,))


def _end_of(raw: bytes, start: int, escape: re.Pattern[bytes]) -> int:
    """Return where the character ends, escaped or not, that starts there."""
    found = escape.match(raw, start)
    return found.end() if found and found.lastgroup else start + 1
