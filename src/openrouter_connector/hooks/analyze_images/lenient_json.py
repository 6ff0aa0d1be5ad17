"""Read JSON as models write it: inside prose, with small errors, or cut off.

Unlike `hooks.json_in_text`, it repairs syntax and keeps the complete part of a truncated answer:
half of a list of boxes is still worth having.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from re import DOTALL, compile
from typing import NamedTuple

from ...values import Json
from .. import json_in_text


class ParsedAnswer(NamedTuple):
    """The data in an answer."""

    value: Json
    truncated: bool
    """Whether the answer was cut off, so that only its complete entries are here."""


def read(text: str) -> ParsedAnswer:
    """Read the data in a text; raise ValueError for a text without data.

    Truncated data keeps the complete entries of its outermost list; without a list, the members of
    its object; and is None if nothing is complete. Several values, such as one per line, become a
    list. JSON inside a JSON string is read too.
    """
    with suppress(ValueError):
        if isinstance(content := json_in_text.parse_json_text(text), str):
            return read(content)
    found: list[ParsedAnswer] = []
    for candidate, truncated in _candidates(text):
        with suppress(ValueError):
            found.append(ParsedAnswer(_parse(candidate) if candidate else None, truncated))
    # A number in brackets is a footnote of the prose, if there is anything else.
    found = [parsed for parsed in found if not _is_footnote(parsed.value)] or found
    if not found:
        raise ValueError("there is no data")
    if len(found) == 1:
        return found[0]
    values = [parsed.value for parsed in found]
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return ParsedAnswer(items, any(parsed.truncated for parsed in found))


# Where data may begin. A bracket of prose, as in `[see below]`, does not match.
_START = compile(r"""\{(?=\s*(?:["'“}/#]|\w+\s*:))|\[(?=\s*(?:[\[{"'“\]/#]|-?\.?\d))""")
# A string in double quotes may lack its end, when the answer was cut off. One in single quotes must
# be closed: an apostrophe looks the same. Comments may contain anything.
_TOKEN = compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*+(?P<closed>"?))"""
    r"""|(?<=[\[{,:\s])'(?:[^'\\]|\\.|'(?!\s*[,:\]}])){0,1000}+'(?=\s*[,:\]}])"""
    r"""|//[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z)|(?P<sign>[{}\[\],])""",
    DOTALL,
)
_CLOSING = {"{": "}", "[": "]"}
_MAX_DEPTH = 60


def _candidates(text: str) -> Iterator[tuple[str, bool]]:
    """Yield what looks like data, from its first bracket to its last, and whether it is cut off.

    The text is empty if nothing in cut-off data is complete.
    """
    at = 0
    while start_match := _START.search(text, at):
        start, at = start_match.start(), len(text)
        opened: list[str] = []
        complete, closing, unclosed = start, "", False
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
            if len(opened) > _MAX_DEPTH:
                return
            if sign in ("}", "]", ",") and _ends_an_entry(opened):
                complete = token.start() if sign == "," else token.end()
                closing = "".join(_CLOSING[bracket] for bracket in reversed(opened))
        else:
            rest = text[start:].rstrip().removesuffix("```").rstrip()
            # An unescaped quote inside a string looks like its end.
            stray = unclosed and rest.endswith(_CLOSING[opened[0]])
            yield (rest, False) if stray else (text[start:complete] + closing, True)


def _ends_an_entry(opened: list[str]) -> bool:
    """Return whether an entry of the outermost list ends here, or else a member."""
    return opened.count("[") == (1 if opened[-1] == "[" else 0)


def _parse(candidate: str) -> Json:
    """Parse JSON, also with trailing commas, wrong quotes, comments or Python's literals.

    Raises ValueError for anything else.
    """
    with suppress(ValueError, RecursionError):
        return json.loads(candidate)
    try:
        from json_repair import loads  # an extra, and only needed for invalid JSON

        return loads(candidate, skip_json_loads=True)
    except (ImportError, RecursionError) as error:
        raise ValueError("not JSON") from error


def _is_footnote(value: Json) -> bool:
    return (
        isinstance(value, list) and len(value) < 4 and all(isinstance(item, int) for item in value)
    )
