"""Read the JSON that servers send, even if it is not quite valid: the answer was paid for.

Valid JSON costs one call of the standard parser. What that rejects is parsed again and may hold
integers of any length, nesting of any depth and raw control characters in strings; a whole body may
also have a script guard in front and other bytes behind.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator

from ...plain_json import MAX_DEPTH
from ...values import Json

_CHARSETS = ("iso", "cp", "koi8", "shift_jis", "euc", "gb", "big5", "mac", "utf-16")
_MOST_BRACKETS = 1_000_000  # in a text whose depth is cut, which takes one step per bracket
_GUARD = re.compile(r"\s*(?:\)\]\}'?,?|while\s*\(1\);|for\s*\(;;\);)\s*")
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
_BLANK = " \t\r\n\0"


def read_json(
    raw: bytes, charset: Callable[[], str | None] = lambda: None, *, whole_body: bool = False
) -> Json:
    """Parse JSON in the Unicode encoding its bytes show, else in the charset of its header.

    Invalid characters are replaced, integers of more than 4,300 digits become infinite floats, and
    values nested too deep become their text. A `whole_body` may start with a guard such as `)]}'`
    and have other bytes after its object. Raises ValueError or RecursionError.
    """
    try:
        # Almost every response takes this way, which is written in C.
        return json.loads(raw)
    except UnicodeDecodeError:
        text = _text(raw, charset())
    except (ValueError, RecursionError):
        # json.loads accepts UTF-16 and UTF-32 too, and recognizes them as this does.
        text = raw.decode(json.detect_encoding(raw), "replace")
    return _read(text.removeprefix("\ufeff"), whole_body)


def _read(text: str, whole_body: bool) -> Json:
    text = text.lstrip(_BLANK)
    if whole_body and (guard := _GUARD.match(text)):
        text = text[guard.end() :]
    try:
        # Not `decode`, which refuses whatever follows the document.
        value, end = _TOLERANT.raw_decode(text)
    except RecursionError:
        if text.count("[") + text.count("{") > _MOST_BRACKETS:
            raise
        text = "".join(_cut(text))
        value, end = _TOLERANT.raw_decode(text)
    if text[end:].strip(_BLANK) and not (whole_body and isinstance(value, dict)):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def _cut(text: str) -> Iterator[str]:
    """Yield JSON in which everything below the deepest level is a string."""
    depth = done = start = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in ("[", "{"):
            depth += 1
            if depth == MAX_DEPTH:
                start = token.start()
        elif sign in ("]", "}"):
            depth -= 1
            if depth == MAX_DEPTH - 1:
                yield text[done:start]
                done = token.end()
                yield json.dumps(text[start:done])
            if not depth:  # the end of the document
                break
    yield text[done:]


def _integer(digits: str) -> float:
    try:
        return int(digits)
    except ValueError:
        return float(digits)


_TOLERANT = json.JSONDecoder(strict=False, parse_int=_integer)


def _text(raw: bytes, charset: str | None) -> str:
    """Decode text that is not valid UTF-8: by its charset, else as Windows-1252 or with a fault."""
    if charset and (named := _codec(charset)):
        return raw.decode(named, "replace")
    text = raw.decode("utf-8", "replace")
    unicode = any(sign > "\x7f" and sign != "\ufffd" for sign in text)
    return text if unicode else raw.decode("cp1252", "replace")


def _codec(charset: str) -> str | None:
    """Return the codec of a text charset; None for Python's others, such as `zlib` or `escape`."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return None
    return name if name.startswith(_CHARSETS) else None
