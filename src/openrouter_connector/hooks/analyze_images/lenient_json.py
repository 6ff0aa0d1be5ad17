"""JSON as models write it: amid prose, with slips of the pen, or cut off before its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from re import DOTALL, compile
from typing import NamedTuple

from ...values import Json
from .. import json_in_text


class ParsedAnswer(NamedTuple):
    """Data that was read out of a text."""

    value: Json
    truncated: bool
    """Whether it broke off, so that only what came whole of it is here."""


def read(text: str) -> ParsedAnswer:
    """Read the data in a text; ValueError if there is none.

    What was cut off keeps the entries of its outermost list that came whole; without a list, the
    members of its object; None when not even one did. Several values, as one a line, are a list.
    JSON that was written as a JSON text is read out of it.
    """
    with suppress(ValueError):
        if isinstance(told := json_in_text.parse_json_text(text), str):
            return read(told)
    found: list[ParsedAnswer] = []
    for piece, cut in _pieces(text):
        with suppress(ValueError):
            found.append(ParsedAnswer(_loaded(piece) if piece else None, cut))
    # A bare number in brackets is a reference of prose, if there is anything else.
    found = [came for came in found if not _is_reference(came.value)] or found
    if not found:
        raise ValueError("there is no data")
    if len(found) == 1:
        return found[0]
    values = [came.value for came in found]
    listed = [item for one in values for item in (one if isinstance(one, list) else [one])]
    return ParsedAnswer(listed, any(came.truncated for came in found))


# Where data may begin. A bracket of prose, `[see below]`, is not followed so.
_START = compile(r"""\{(?=\s*(?:["'“}/#]|\w+\s*:))|\[(?=\s*(?:[\[{"'“\]/#]|-?\.?\d))""")
# A text in double quotes runs to the end when it is never closed; one in single quotes must be
# closed where a text ends, since an apostrophe looks the same. Comments may hold anything.
_TOKEN = compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*+(?P<closed>"?))"""
    r"""|(?<=[\[{,:\s])'(?:[^'\\]|\\.|'(?!\s*[,:\]}])){0,1000}+'(?=\s*[,:\]}])"""
    r"""|//[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z)|(?P<sign>[{}\[\],])""",
    DOTALL,
)
_CLOSING = {"{": "}", "[": "]"}
_DEEPEST = 60


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Cut out what looks like data, from its first bracket to its last; with it whether it was cut.

    The piece is empty when nothing of what was cut off came whole.
    """
    at = 0
    while begun := _START.search(text, at):
        start, at = begun.start(), len(text)
        opened: list[str] = []
        whole, close, unclosed = start, "", False
        for token in _TOKEN.finditer(text, start):
            unclosed = token["text"] is not None and not token["closed"]
            if (sign := token["sign"]) in _CLOSING:
                opened.append(sign)
            elif sign in ("}", "]"):
                opened.pop()
            if not opened:
                at = token.end()
                yield text[start:at], False
                break
            if len(opened) > _DEEPEST:
                return
            if sign in ("}", "]", ",") and _holds_entries(opened):
                whole = token.start() if sign == "," else token.end()
                close = "".join(_CLOSING[one] for one in reversed(opened))
        else:
            rest = text[start:].rstrip().removesuffix("```").rstrip()
            # A stray quote inside a text looks like an end, and is none.
            stray = unclosed and rest.endswith(_CLOSING[opened[0]])
            yield (rest, False) if stray else (text[start:whole] + close, True)


def _holds_entries(opened: list[str]) -> bool:
    """Whether what ends here is an entry of the outermost list, or a member of objects alone."""
    return opened.count("[") == (1 if opened[-1] == "[" else 0)


def _loaded(piece: str) -> Json:
    """Parse JSON, else what differs from it by trailing commas, quotes, comments or Python's words.

    ValueError for anything else. Prose never comes here: a piece begins with a bracket.
    """
    with suppress(ValueError, RecursionError):
        return json.loads(piece)
    try:
        from json_repair import loads  # an extra, and only needed for what is not JSON

        return loads(piece, skip_json_loads=True)
    except (ImportError, RecursionError) as error:
        raise ValueError("not JSON") from error


def _is_reference(value: Json) -> bool:
    return isinstance(value, list) and len(value) < 4 and all(isinstance(n, int) for n in value)
