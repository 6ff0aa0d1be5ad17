"""Find every spelling of a secret in bytes, and replace it.

A server may echo the key it received, escaped or encoded. So a secret is found in plain text; in
JSON, URL, HTML and mail escapes, also nested ones; in hex and base64, alone or after `Bearer `; in
fullwidth letters; and split by line breaks or invisible characters. `secret.Redactor` uses this.
"""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from itertools import takewhile
from unicodedata import normalize

REDACTED = "[token]"
"""The text that replaces a secret."""

_CASELESS_LENGTH = 16  # characters; a shorter secret may be a word, so its letter case counts
_PART_LENGTH = 14  # characters; a shorter part of a secret may be an ordinary word
_LINE_BREAKS = (b"\n", b"\r")
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))
_INVISIBLE_BYTES = b"\xc2\xd8\xdb\xe1\xe2\xed\xef\xf0\xf3"
"""The first UTF-8 bytes of fullwidth and invisible characters."""
_MARKS = (b"\\u", b"\\U00", b"\\x", b"\\/", b"&#", b";#")
_SINGLE_MARKS = b"%" + _CONTROLS + _INVISIBLE_BYTES
_MAIL_MARK = rb"=(?:[2-7][0-9A-Fa-f]|\\?[\r\nrn])"
_OCTAL_MARK = rb"\\[01][0-7]"
"""Without any of these marks, no `_ESCAPE` or `_RARE_ESCAPE` can write a letter of a key."""
_TERMINAL_STYLE = rb"(?:\[[0-9;]{0,9}[A-Za-z])?"
_INVISIBLE = (
    rb"\x1b" + _TERMINAL_STYLE + rb"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f\xad]"
    rb"|\xd8[\x80-\x85\x9c]|\xdb\x9d|\xe1\xa0[\x8b-\x8f]"
    rb"|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]"
    rb"|\xed[\xa0-\xbf][\x80-\xbf]|\xef\xb8[\x80-\x8f]|\xef\xbb\xbf|\xef\xbf[\xb9-\xbb]"
    rb"|\xf3\xa0[\x80-\x87][\x80-\xbf]"
)
"""Control characters, lone surrogates, zero-width and direction marks, in UTF-8."""
_ESCAPE = (
    rb"\\\\{0,15}"
    rb"(?:u0026(?:amp;){0,4}#(?:[xX]0{0,6}(?P<html>[2-7][0-9a-fA-F])|0{0,6}(?P<number>[1-9]\d{1,2}));?"
    rb"|(?:u00|u\{0{0,6}|U000000|x)(?P<json>[2-7][0-9a-eA-E]|[2-6][fF])\}?"
    rb"|u(?:001[bB]" + _TERMINAL_STYLE + rb"|00[01][0-9a-fA-F]|007[fF]|00[89][0-9a-fA-F]|00[aA][dD]"
    rb"|20(?:0[b-fB-F]|2[a-eA-E]|6[0-9a-fA-F])|06(?:0[0-5]|1[cC])|[fF][eE](?:0[0-9a-fA-F]|[fF]{2})|[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|[rn][ \t]{0,8}|(?=[!-/:-@\[-`{-~]))"
    rb"|&(?:amp;){0,4}#(?:[xX]0{0,6}(?P<html_>[2-7][0-9a-fA-F])|0{0,6}(?P<number_>[1-9]\d{1,2}));?"
    rb"|%(?:25){0,4}(?:u00)?(?P<url>[2-7][0-9a-fA-F])"
    rb"|(?P<wide>\xef(?:\xbc[\x81-\xbf]|\xbd[\x80-\x9e])|\xf0\x9d[\x90-\x9f][\x80-\xbf]|\xe2\x80[\x90\x91])"
    rb"|\r[ \t]{0,8}|\n[ \t]{0,8}|" + _INVISIBLE
)
"""Matches one escaped letter; without a named group, a separator between two letters.

Every repetition is bounded, since a server controls the text. It is fast, since each alternative
begins with a different character.
"""
_RARE_ESCAPE = (
    rb"=(?:(?P<mail>[2-7][0-9A-Fa-f])|\r?\n|\\r\\n|\\n)"
    rb"|\\\\{0,15}(?P<octal>[01][0-7]{2})|" + _ESCAPE
)
"""Adds mail and octal escapes. They need a pass of their own: `=73` may also be plain text."""
_PUNCTUATION = frozenset(
    b"+/=_-.~\\%&#;{}[" + _CONTROLS + _INVISIBLE_BYTES + bytes(range(0x80, 0xC0))
)
"""The bytes of an encoded or escaped secret that are no letters or digits."""
_WINDOW = 1024 * 1024  # bytes searched at once: each escape takes about 100 bytes of memory
_MAX_ESCAPE = 64  # bytes that one escaped letter may take
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class SecretSpellings:
    """All spellings of one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._caseless = len(secret) >= _CASELESS_LENGTH
        # A line break leaves one half of a long secret intact, but neither half of a short one.
        halves_suffice = len(secret) >= 2 * _PART_LENGTH
        self._marks = _MARKS if halves_suffice else (*_MARKS, *_LINE_BREAKS)
        pairs = [secret[:2].hex(sign)[:4] for sign in ": "]  # such as `73:6`
        self.shortest = min(_PART_LENGTH, len(secret))
        """Any shorter text contains neither the secret nor a part that is redacted."""
        first, second = (re.escape(letter) for letter in secret[:2].decode())
        self.prefix_pattern = f"{first}(?:{second}|$|[^ -~])"
        """Matches its first two letters, or the first one at the end of a chunk."""
        self._spaced_marks = tuple(
            {spelled.encode() for pair in pairs for spelled in (pair, pair.upper())}
        )

    def may_match(self, raw: bytes) -> bool:
        """Return quickly whether a text may contain the secret; mostly it does not."""
        if len(raw) < self.shortest:
            return False
        for mark in self._spaced_marks:
            if mark in raw:
                return True
        # The cheapest test first: prose has no run of characters as long as a key.
        if self._run not in raw.translate(self._runs):
            return False
        text = raw.lower() if self._caseless else raw
        return (
            any(part in text for part in self._plain_parts)
            or any(part in raw for part in self._base64_parts)
            or any(mark in raw for mark in self._marks)
            or len(raw.translate(None, _SINGLE_MARKS)) < len(raw)
            or any(_compiled(mark).search(raw) for mark in (_MAIL_MARK, _OCTAL_MARK))
        )

    def partial_start(self, text: str) -> int:
        """Return where the secret may begin that the text's end cuts off; else the text's length.

        The next chunk may complete it. Invisible characters may separate its letters.
        """
        first = self._text[0]
        # Long enough for a secret with several invisible characters between its letters.
        tail = text[-8 * len(self._secret) :]
        places: list[int] | range = range(len(tail))
        if not tail.isprintable():
            places = [place for place, letter in enumerate(tail) if letter.isprintable()]
            tail = "".join(map(tail.__getitem__, places))
        if self._caseless:
            tail = tail.lower()
        size = len(self._text)
        start = tail.find(first, max(0, len(tail) - size))
        while start >= 0:
            whole = tail.find(self._text, max(0, start - size + 1), start + size - 1)
            if whole >= 0:  # a complete secret: its last letters do not start another one
                start = whole + size - 1
            elif self._text.startswith(tail[start:]):
                return max(0, len(text) - 8 * len(self._secret)) + places[start]
            start = tail.find(first, start + 1)
        return len(text)

    def redact(self, raw: bytes) -> bytes:
        """Return a text with every occurrence replaced, however it is spelled.

        Half of a secret of 28 characters or more is replaced too: servers truncate what they echo.
        """
        parts, end, joint = list[bytes](), 0, -1
        for start, stop in sorted(self._spans(raw)):
            if start > joint:
                parts += [raw[end:start], REDACTED.encode()]
            joint = end = max(joint, stop)
        return b"".join((*parts, raw[end:])) if parts else raw

    def _spans(self, raw: bytes) -> Iterator[tuple[int, int]]:
        """Yield where a text contains the secret or a part of it; a span may come twice."""
        overlap = 2 * _MAX_ESCAPE * len(self._secret)  # a secret may lie across two windows
        step = max(_WINDOW, 2 * overlap)
        for begin in range(0, len(raw), step):
            window = raw[max(0, begin - overlap) : begin + step]
            if self.may_match(window):
                offset = min(len(raw), begin + step) - len(window)
                for start, stop in self._spans_in(window):
                    yield offset + start, offset + stop

    def _spans_in(self, raw: bytes) -> Iterator[tuple[int, int]]:
        patterns = [_ESCAPE]
        if any(_compiled(mark).search(raw) for mark in (_MAIL_MARK, _OCTAL_MARK)):
            patterns.append(_RARE_ESCAPE)
        for pattern in patterns:
            escape = _compiled(pattern)
            text, position = _unescape(raw, escape)
            for start, stop in self._find_in(text):
                yield position(start), _end_of_character(raw, position(stop - 1), escape)
        for mark in self._spaced_marks:
            if mark in raw:
                yield from (found.span() for found in self._spaced.finditer(raw))
                break

    def _find_in(self, text: bytes) -> Iterator[tuple[int, int]]:
        folded = text.lower() if self._caseless else text
        for plain in self._plain:
            yield from _occurrences(plain, folded)
        url_safe = text.translate(_TO_URL_SAFE)
        for core in self._base64:
            yield from _occurrences(core.translate(_TO_URL_SAFE), url_safe)

    @cached_property
    def _plain(self) -> list[bytes]:
        """The secret itself and its hex, in lower case where letter case does not matter."""
        secret = self._secret
        cased = dict.fromkeys((secret, secret.upper())) if self._caseless else [secret]
        itself = secret.lower() if self._caseless else secret
        hexes = (spelled.hex().encode() for spelled in cased)
        return [_unescape(itself, _compiled(_ESCAPE))[0], *hexes]

    @cached_property
    def _text(self) -> str:
        return (self._secret.lower() if self._caseless else self._secret).decode()

    @cached_property
    def _spaced(self) -> re.Pattern[bytes]:
        """Matches the hex of at least eight letters, separated by colons or spaces."""
        first, *rest = (b"%02x" % code for code in self._secret)
        least, more = rest[:7], rest[7:]
        sign = rb"[: ]"
        ends = b"".join(b"(?:" + sign + pair for pair in more) + b")?" * len(more)
        return re.compile(sign.join((first, *least)) + ends, re.IGNORECASE)

    @cached_property
    def _base64(self) -> list[bytes]:
        """The secret's base64 after 0, 1 and 2 other bytes, minus the letters these affect."""
        bits = [(8 * before, 8 * (before + len(self._secret))) for before in range(3)]
        encoded = [b64encode(bytes(before) + self._secret) for before in range(3)]
        return [
            text[-(-start // 6) : stop // 6]
            for text, (start, stop) in zip(encoded, bits, strict=True)
        ]

    @cached_property
    def _plain_parts(self) -> list[bytes]:
        return [part for plain in self._plain for part in _parts(plain)]

    @cached_property
    def _base64_parts(self) -> list[bytes]:
        cores = dict.fromkeys(
            spelled for core in self._base64 for spelled in (core, core.translate(_TO_URL_SAFE))
        )
        return [part for core in cores for part in _parts(core)]

    @cached_property
    def _run(self) -> bytes:
        """One `x` per letter of the shortest part. Prose has no word that long."""
        return b"x" * min(map(len, (*self._plain_parts, *self._base64_parts)))

    @cached_property
    def _runs(self) -> bytes:
        """Maps each byte that a spelling may contain to `x`, and any other byte to a space."""
        inside = {*_PUNCTUATION, *self._secret}
        return bytes(
            ord("x" if code in inside or (chr(code).isalnum() and code < 128) else " ")
            for code in range(256)
        )


def _parts(text: bytes) -> tuple[bytes, ...]:
    """Return the halves of a long text: a line break leaves one of them intact."""
    middle = len(text) // 2
    return (text[:middle], text[middle:]) if middle >= _PART_LENGTH else (text,)


def _occurrences(whole: bytes, text: bytes) -> Iterator[tuple[int, int]]:
    """Yield where a text contains a part of a secret, extended to both sides as far as it goes."""
    before = 0
    for part in _parts(whole):
        after = before + len(part)
        start = text.find(part)
        while start >= 0:
            stop = start + len(part)
            preceding = text[max(0, start - before) : start]
            left = _common_prefix(reversed(whole[:before]), reversed(preceding))
            right = _common_prefix(whole[after:], text[stop : stop + len(whole)])
            yield start - left, stop + right
            start = text.find(part, stop)
        before = after


def _common_prefix(first: Iterable[int], second: Iterable[int]) -> int:
    """Return the length of the common prefix."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _unescape(raw: bytes, escape: re.Pattern[bytes]) -> tuple[bytes, Callable[[int], int]]:
    """Return a text without escapes and separators, and a function from its positions to raw's."""
    chunks, starts, origins = list[bytes](), list[int](), list[int]()
    size = end = 0

    def add(chunk: bytes, origin: int) -> None:
        nonlocal size
        chunks.append(chunk)
        starts.append(size)
        origins.append(origin)
        size += len(chunk)

    for found in escape.finditer(raw):
        add(raw[end : found.start()], end)
        end = found.end()
        if found.lastgroup:
            add(_letter(found, found.lastgroup), found.start())
    add(raw[end:], end)

    def position(index: int) -> int:
        chunk = bisect_right(starts, index) - 1
        return origins[chunk] + index - starts[chunk]

    return b"".join(chunks), position


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    """Compile a pattern on first use: it takes milliseconds, and most calls need none."""
    return re.compile(pattern)


def _letter(found: re.Match[bytes], group: str) -> bytes:
    if group == "wide":
        letter = normalize("NFKC", found[group].decode(errors="replace"))
        return letter.replace("\u2010", "-").encode(errors="replace")[:1]
    base = {"number": 10, "octal": 8}.get(group.rstrip("_"), 16)
    return bytes((int(found[group], base) % 128,))


def _end_of_character(raw: bytes, start: int, escape: re.Pattern[bytes]) -> int:
    """Return where the character that begins at `start` ends, escaped or not."""
    found = escape.match(raw, start)
    return found.end() if found and found.lastgroup else start + 1
