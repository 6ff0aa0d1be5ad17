"""Show values in a notebook: HTML for `_repr_mimebundle_`, beside plain text.

Everything that comes from outside is escaped. Files are embedded, so that a saved notebook shows
them anywhere; those that would make it too large are named instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

MimeBundle = dict[str, str]
"""A representation for each MIME type."""

MAX_EMBEDDED = 24 * 1024 * 1024  # bytes of files in one output
_MAX_ROWS = 200
_MAX_TEXT = 1000  # characters of a text in a cell
_MAX_INNER = 80  # characters of an object or a list in a cell
_SMALL = "color:gray;font-size:90%"
_ELEMENTS = {
    "image": '<img src="{url}" alt="{name}" style="max-width:min(100%,512px)">',
    "audio": '<audio controls src="{url}"></audio>',
    "video": '<video controls src="{url}" style="max-width:min(100%,640px)"></video>',
}


class File(Protocol):
    """A FILE_ENTRY."""

    @property
    def mime_type(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def url(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> Path | None: ...  # noqa: D102

    def read_bytes(self) -> bytes: ...  # noqa: D102


class Facts(NamedTuple):
    """What is known of a call besides its output, for both representations."""

    text: str
    html: str


def mime_bundle(text: str, *parts: str) -> MimeBundle:
    """Return the representations of one output; `parts` are HTML, empty ones are left out."""
    return {"text/plain": text, "text/html": "\n".join(filter(None, parts))}


def show(value: Any) -> str:
    """Return JSON as HTML: text as it is written, a list of objects as a table."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<div style="white-space:pre-wrap">{_escaped(value)}</div>'
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return table(value)
    if isinstance(value, dict) and value:
        return table([{"": name, "value": item} for name, item in value.items()])
    return f"<pre>{_escaped(_json(value, indent=2))}</pre>"


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a table with a column for each key of the rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th {_CELL}>{_escaped(name)}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td {_CELL}>{_cell(row.get(name))}</td>' for name in names)}</tr>"
        for row in rows[:_MAX_ROWS]
    )
    more = len(rows) - _MAX_ROWS
    rest = f'<div style="{_SMALL}">… and {more} more rows</div>' if more > 0 else ""
    shown = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"
    return f'<div style="max-height:480px;overflow:auto">{shown}</div>'


def media(files: Iterable[File]) -> str:
    """Return images, audio and video that show themselves, and other files by name and place."""
    room, parts = MAX_EMBEDDED, []
    for file in files:
        content = _content(file, room) if _element(file) else None
        room -= len(content or b"")
        parts.append(_named(file) if content is None else _embedded(file, content))
    return "\n".join(parts)


def facts(
    model: str | None, cost: float | None, seconds: float | None, warnings: Collection[str] = ()
) -> Facts:
    """Return the model, the cost and the time of a call on one line, then its warnings."""
    from .money import format_usd

    price = None if cost is None else format_usd(cost)
    line = " · ".join(filter(None, (model, price, _duration(seconds or 0))))
    lines = [line, *(f"warning: {warning}" for warning in warnings)]
    html = "".join(f'<div style="{_SMALL}">{_escaped(one)}</div>' for one in lines if one)
    return Facts("\n".join(filter(None, lines)), html)


def _duration(seconds: float) -> str:
    if not seconds:
        return ""
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds * 1e3:.0f} ms"


def _embedded(file: File, content: bytes) -> str:
    from base64 import b64encode

    url = f"data:{file.mime_type};base64,{b64encode(content).decode()}"
    element = _element(file).format(url=_escaped(url), name=_escaped(file.name))
    return f"<figure>{element}<figcaption>{_named(file)}</figcaption></figure>"


def _named(file: File) -> str:
    place = str(file.path or ("" if file.url[:5].lower() == "data:" else file.url))
    return f'<div style="{_SMALL}">{_escaped(" · ".join(filter(None, (file.name, place))))}</div>'


def _element(file: File) -> str:
    return _ELEMENTS.get(file.mime_type.partition("/")[0], "")


def _content(file: File, room: int) -> bytes | None:
    """Return the bytes of a file; None when they cannot be read or are too many."""
    from .errors import FileError

    try:
        if file.path and file.path.stat().st_size > room:
            return None
        content = file.read_bytes()
    except (FileError, OSError):
        return None
    return content if len(content) <= room else None


def _cell(value: Any) -> str:
    """Return a value as one cell; what is long is cut, since the whole is in the output."""
    if value is None:
        return ""
    is_text = isinstance(value, str)
    text, most = (value, _MAX_TEXT) if is_text else (_json(value), _MAX_INNER)
    return _escaped(text if len(text) <= most else f"{text[:most]}…")


def _json(value: Any, indent: int | None = None) -> str:
    import json

    return json.dumps(value, indent=indent, ensure_ascii=False, default=str)


def _escaped(text: object) -> str:
    from html import escape

    return escape(str(text))


_CELL = 'style="text-align:left;white-space:pre-wrap"'
