"""Keep secrets out of texts, however they are written, out of errors and out of reprs.

    Hiding("sk-or-…").in_text("no such key: %73k-or-…")  ->  "no such key: [token]"

A server may repeat the key that it was sent, and escape or encode it first. `Hiding` finds a secret
in plain text; in escapes of JSON, URLs and HTML, also nested ones; in hex and base64, alone or
after `Bearer `; and split over lines.
"""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from itertools import takewhile
from typing import Any, NoReturn, TypeGuard, TypeVar

from .errors import ConnectorError, CredentialError, Problem
from .values import Json

LIKE_A_KEY = r"sk-or-[\w-]{16,}"
"""What OpenRouter's keys look like, as a regular expression."""
HIDDEN = "[token]"
"""What stands in the place of a secret."""

_SHORTEST = 8  # characters
_LONG = 16  # characters of a secret that is found in any letter case; a shorter one may be a word
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

E = TypeVar("E", bound=BaseException)


class _Unshown:
    def __repr__(self) -> str:
        return HIDDEN


class Secret(_Unshown, str):
    """A text that no repr shows, neither its own nor that of what holds it."""


class SecretBytes(_Unshown, bytes):
    """Bytes that no repr shows."""


class Cause(Exception):
    """An exception of a library, without the objects that it held, such as the request."""


def cleaned(token: str | None) -> Secret | None:
    """Take the spaces around a token away; CredentialError when no header can hold it."""
    token = token.strip() if token else None
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise CredentialError("the token holds characters that no token has; copy it once more")
    return Secret(token) if token else None


def raise_alone(error: Exception) -> NoReturn:
    """Raise an error without the one that is being handled behind it."""
    try:
        raise error
    finally:
        error.__context__ = None  # `from None` would only not show it


def is_secret(token: str | None) -> TypeGuard[str]:
    """Tell whether a token is to be hidden.

    A shorter one is a word such as `none` for a server that wants no token, and would be found in
    the middle of others.
    """
    return token is not None and len(token) >= _SHORTEST


class Hiding:
    """Hides some secrets in texts, in JSON and in errors; without any it changes nothing."""

    def __init__(self, *secrets: str | None) -> None:
        self._forms = [_Forms(one.encode()) for one in dict.fromkeys(filter(is_secret, secrets))]

    def in_bytes(self, raw: bytes) -> bytes:
        """Return an encoded text without the secrets."""
        for forms in self._forms:
            if forms.may_be_in(raw):
                raw = forms.hidden_in(raw)
        return raw

    def in_text(self, text: str) -> str:
        """Return a text without the secrets."""
        raw = text.encode(errors="surrogatepass")
        hidden = self.in_bytes(raw)
        return text if hidden is raw else hidden.decode(errors="surrogatepass")

    def in_json(self, value: Json) -> Json:
        """Return a JSON value without the secrets in its texts and names."""
        try:
            return self._in_value(value)
        except RecursionError:
            return HIDDEN

    def reraise(self, error: Exception) -> NoReturn:
        """Raise an error that is being handled once more, without the secrets in it."""
        clean = self.in_error(error)
        if clean is error:
            raise error
        raise_alone(clean)

    def in_error(self, error: Exception) -> Exception:
        """Return an error without the secrets: itself, or a `Cause` for one that others wrote.

        One of others stays if its text does not show them, and loses what does. Behind an error of
        ours a `Cause` takes the place of whatever holds more than texts and numbers.
        """
        if isinstance(error, ConnectorError):
            return self._cleaned(error, set())
        said = _text(error)
        for name, value in vars(error).items():
            if self._is_shown_by(value):
                vars(error)[name] = None
        if self._shows(error) or _text(error) != said:
            return self._cause(error, set())
        if any(map(self._shows, _chain(error))):
            self._clean_behind(error, {id(error)})
        return error

    def _shows(self, error: BaseException) -> bool:
        """Tell whether an exception shows a secret, in its text or in a request that it holds."""
        held = (_text(error), error.args, *getattr(error, "__notes__", ()), *_held(error))
        return any(map(self._is_shown_by, held))

    def _is_shown_by(self, value: object) -> bool:
        told = repr((value, _headers(value)))
        return self.in_text(told) != told

    def _in_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.in_text(value)
        if isinstance(value, bytes):
            return self.in_bytes(value)
        if isinstance(value, dict):
            return {self._in_value(name): self._in_value(one) for name, one in value.items()}
        if isinstance(value, Problem):
            return Problem(self.in_text(value.path), self.in_text(value.message))
        if type(value) in (list, tuple):
            return type(value)(map(self._in_value, value))
        return value

    def _cleaned(self, error: E, seen: set[int]) -> E:
        """Hide the secrets in what an exception holds, and in those behind it."""
        seen.add(id(error))
        error.args = tuple(map(self.in_json, error.args))
        for name, value in vars(error).items():
            vars(error)[name] = self.in_json(value)
        self._clean_behind(error, seen)
        return error

    def _clean_behind(self, error: BaseException, seen: set[int]) -> None:
        suppressed = error.__suppress_context__
        error.__cause__ = self._behind(error.__cause__, seen)
        error.__context__ = self._behind(error.__context__, seen)
        error.__suppress_context__ = suppressed

    def _behind(self, error: BaseException | None, seen: set[int]) -> BaseException | None:
        if error is None or id(error) in seen:
            return None if error is None else self._known(error)
        if isinstance(error, ConnectorError) or self._is_harmless(error):
            return self._cleaned(error, seen)
        return self._cause(error, seen)

    def _known(self, error: BaseException) -> BaseException | None:
        """Return an exception that was met before, unless it was replaced."""
        return error if isinstance(error, ConnectorError) or self._is_harmless(error) else None

    def _cause(self, error: BaseException, seen: set[int]) -> Cause:
        seen.add(id(error))
        kind = type(error)
        cause = Cause(self.in_text(f"{kind.__module__}.{kind.__qualname__}: {_text(error)}"))
        cause.__cause__ = self._behind(error.__cause__, seen)
        cause.__context__ = self._behind(error.__context__, seen)
        cause.__suppress_context__ = error.__suppress_context__
        return cause

    def _is_harmless(self, error: BaseException) -> bool:
        """Tell whether an exception holds texts and numbers alone, and no secret."""
        return all(
            value is None or isinstance(value, int | float) or self._is_clean(value)
            for value in (*error.args, *_held(error))
        )

    def _is_clean(self, value: Any) -> bool:
        return isinstance(value, str | bytes) and self._in_value(value) == value


class _Forms:
    """The ways in which one secret is written."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._folds = len(secret) >= _LONG

    def may_be_in(self, raw: bytes) -> bool:
        """Tell quickly whether the secret may be in a text; mostly it is not."""
        if self._run not in raw.translate(self._runs):
            return False
        text = raw.lower() if self._folds else raw
        return (
            any(part in text for part in self._plain_parts)
            or any(part in raw for part in self._base64_parts)
            or any(mark in raw for mark in _MARKS)
        )

    def hidden_in(self, raw: bytes) -> bytes:
        """Return a text with each occurrence replaced, however it is written.

        Half of a secret is replaced as well, as of one that is cut off; and a text that has more
        escapes than can be read is replaced as a whole.
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
    return (text[:middle], text[middle:]) if middle >= _LONG else (text,)


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


def _held(error: BaseException) -> Iterator[object]:
    """Yield what an exception holds in its attributes."""
    for name in dir(error):
        if name == "args" or name.startswith("__"):
            continue
        with suppress(Exception):  # a property of a library may raise anything
            value = getattr(error, name)
            if not callable(value):
                yield value


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those behind it, each once."""
    seen, waiting = set[int](), [error]
    while waiting:
        if (one := waiting.pop()) is not None and id(one) not in seen:
            seen.add(id(one))
            waiting += [one.__cause__, one.__context__]
            yield one


def _headers(value: object) -> list[object]:
    """Return the headers of a request, whose repr may leave them out."""
    with suppress(Exception):
        return list(value.headers.items())  # type: ignore[attr-defined]
    return []


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a library's own; that it has no text is no matter
        return ""
