"""Say where a text stops being JSON or YAML, and what is wrong there, in words for a person."""

from __future__ import annotations

from json import JSONDecodeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yaml import YAMLError

_OF_JSON = (
    ("Expecting property name", "a key must be in double quotes"),
    ("Expecting ',' delimiter", "a comma or a closing bracket is missing"),
    ("Expecting ':' delimiter", "the colon behind a key is missing"),
    ("Expecting value", "a value is missing, or is not in double quotes"),
    ("Extra data", "more follows behind the end"),
    ("Invalid control character", "a line break inside quotes must be written \\n"),
    ("Invalid \\", "a backslash inside quotes must be written \\\\"),
    ("Unterminated string", "a closing quote is missing"),
)
"""How messages of Python's parser begin, with what a person reads in their place."""
_OF_YAML = (
    ("mapping values are not allowed", "a text with a colon must be in quotes"),
    ("found a tab character", "a line must be indented by spaces, not by a tab"),
    ("found character", "a tab must be replaced by spaces, or a text must be in quotes"),
    ("could not find expected ':'", "the colon behind a key is missing"),
    ("found unexpected end of stream", "a closing quote is missing"),
    ("did not find expected node content", "a value is missing"),
    ("did not find expected ',' or", "a comma or a closing bracket is missing"),
    ("did not find expected", "the line is indented by too few or too many spaces"),
)


def json_fault(error: ValueError, text: str) -> str:
    """Return ` (line 2, column 5: …)` for an error of the JSON parser."""
    if not isinstance(error, JSONDecodeError):
        return f" ({error})"
    fault = _plain(error.msg, _OF_JSON)
    if error.pos >= len(text.rstrip()):
        fault = "the text ends too early"
    return f" (line {error.lineno}, column {error.colno}: {fault})"


def yaml_fault(error: YAMLError | ValueError) -> str:
    """Return ` (line 2: …)` for an error of the YAML parser; empty without a place."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    return f" (line {mark.line + 1}: {_plain(str(problem or ''), _OF_YAML)})" if mark else ""


def _plain(message: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((plain for start, plain in known if message.startswith(start)), message)
