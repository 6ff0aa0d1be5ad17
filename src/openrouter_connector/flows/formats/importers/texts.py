"""Texts as a flow holds them: plain text that reads as itself, pills, and both in one text.

Pay $5 for ${x}            ─literal─▶  Pay $5 for ${'${'}x}
"Dear ", Code("name")      ─mixed──▶   Dear ${name}
{"note": "${name}"}        ─json_text▶ {"note": ${toJson(name)}}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from ....values import Json
from ..expressions.template import read_template


class Code(NamedTuple):
    """An expression among the parts of a text."""

    expression: str


_DOLLAR, _EQUALS = "${'${'}", "${'='}"


def literal(text: str) -> str:
    """Return a text that a flow reads as itself, though it holds `${` or begins with `=`."""
    if "${" not in text and not text.startswith("="):
        return text
    if not (template := read_template(text)).is_dynamic and template.text == text:
        return text
    return _escaped(text)


def mixed(parts: Iterable[str | Code]) -> str:
    """Return a text of plain parts and expressions. A single expression is a pill alone."""
    runs = [list(run) for _, run in groupby(parts, type)]
    if not any(isinstance(run[0], Code) for run in runs):
        return literal("".join(str(part) for run in runs for part in run))
    return "".join(_written(run, is_first=not index) for index, run in enumerate(runs))


def _written(run: list[str | Code], *, is_first: bool) -> str:
    """Return expressions as pills, or plain parts with what escapes them."""
    if isinstance(run[0], Code):
        return "".join(pill(part.expression) for part in run if isinstance(part, Code))
    return _escaped("".join(map(str, run)), is_first=is_first)


def unescaped(text: str) -> str:
    """Return the plain text in a text of a flow, its pills as they are written."""
    return text.replace(_DOLLAR, "${").replace(_EQUALS, "=")


def literals(value: Json) -> Json:
    """Return a JSON value whose texts a flow reads as themselves."""
    return with_texts(value, literal)


def with_texts(value: Json, convert: Callable[[str], str]) -> Json:
    """Return a JSON value with each of its texts converted; its keys are not."""
    if isinstance(value, str):
        return convert(value)
    if isinstance(value, list):
        return [with_texts(item, convert) for item in value]
    if isinstance(value, dict):
        return {key: with_texts(item, convert) for key, item in value.items()}
    return value


def json_text(value: Json) -> str:
    """Return a JSON value as text, for a property that takes JSON as text.

    The texts of the value may hold expressions. Their values are written as JSON when the flow
    runs, so that a quote in one does no harm.
    """
    return mixed(_json_parts(value))


def pill(expression: str) -> str:
    """Return the pill of an expression, such as a name or a path."""
    return "${" + expression + "}"


def quoted(text: str) -> str:
    """Return a text as an expression writes it: `'it''s'`."""
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str, *, is_first: bool = True) -> str:
    escaped = text.replace("${", _DOLLAR)
    return _EQUALS + escaped[1:] if is_first and text.startswith("=") else escaped


def _json_parts(value: Json) -> Iterator[str | Code]:
    if isinstance(value, str):
        yield _json_string(value)
    elif isinstance(value, dict):
        yield "{"
        for index, (key, item) in enumerate(value.items()):
            yield f"{', ' if index else ''}{json.dumps(key, ensure_ascii=False)}: "
            yield from _json_parts(item)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for index, item in enumerate(value):
            yield ", " if index else ""
            yield from _json_parts(item)
        yield "]"
    else:
        yield json.dumps(value)


def _json_string(text: str) -> str | Code:
    """Return a text of a flow as a JSON string, or as the expression that makes one."""
    parts = list(_parts(text))
    if all(isinstance(part, str) for part in parts):
        return json.dumps("".join(map(str, parts)), ensure_ascii=False)
    if len(parts) == 1:
        return Code(f"toJson({parts[0][0]})")
    terms = [f"({p.expression})" if isinstance(p, Code) else quoted(p) for p in parts]
    # A sum is a text if its first term is one.
    start = [] if isinstance(parts[0], str) else ["''"]
    return Code(f"toJson({' + '.join([*start, *terms])})")


def _parts(text: str) -> Iterator[str | Code]:
    """Yield the plain parts and the expressions of a text; what only escapes is plain."""
    for part in read_template(text).parts:
        if isinstance(part, str):
            yield part
        elif pill(part.text) in (_DOLLAR, _EQUALS):
            yield part.text[1:-1]
        else:
            yield Code(part.text)
