"""A comparison of models as one HTML page, written row by row; what models say is only text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TextIO

from ...connections.redact_keys import redact_keys, redact_keys_in
from ...flows.comparison import ModelFigures, tokens_of
from ...flows.rows import Row
from ...money import format_usd
from ...plain_json import to_json_text
from ...runtime.files.media_types import extension, mime_type
from ...values import FILE_KEYS, Json, JsonObject, an_object

_LONGEST = 300  # characters of a column that are shown
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1f24; background: #fff }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem }
th, td { border: 1px solid #d5dae1; padding: .5rem .75rem; text-align: left; vertical-align: top }
thead th { background: #f3f5f8; position: sticky; top: 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font: inherit }
.figures { color: #5a6472; font-size: 13px; font-weight: 400; margin-top: .5rem }
.error { color: #a4262c }
img { max-width: 100% }
thead + tbody > tr > th img { display: block; max-width: 16rem }
@media (prefers-color-scheme: dark) {
  body { color: #e6e9ee; background: #15181c } thead th { background: #20252c }
  th, td { border-color: #38404a } .figures { color: #9aa5b3 } .error { color: #ff9a9e }
}
"""
# No script, nothing from elsewhere: answers of models are shown, and never run.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src file: data:"


class ComparisonPage:
    """Writes the page: a line of cells for each row, and the figures of the models at the end."""

    def __init__(
        self,
        file: TextIO,
        title: str,
        models: Sequence[str],
        rows: Iterable[Row],
        *,
        is_table: bool = True,
    ) -> None:
        """`rows` are those that the models were given, from the first one on.

        Without a table, one row holds the prompt, and has no number.
        """
        self._file = file
        self._models = models
        self._rows = enumerate(rows)
        self._is_table = is_table
        self._cells: dict[str, str] = {}
        self._row = 0
        heading = redact_keys(title)
        file.write(
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
            f"<title>{escape(heading)}</title><style>{_STYLE}</style></head>"
            f"<body><h1>{escape(heading)}</h1>\n<table><thead><tr>"
            f"<th>{'Row' if is_table else 'Prompt'}</th>"
            + "".join(f"<th>{escape(model)}</th>" for model in models)
            + "</tr></thead><tbody>\n"
        )

    def add(self, answer: JsonObject) -> None:
        """Add an answer; those of one row come one after the other."""
        row = answer.get("row", 0)
        if row != self._row:
            self._end_row()
            self._row = row
        self._cells[answer["model"]] = _cell(redact_keys_in(answer))

    def end(self, figures: Sequence[ModelFigures]) -> None:
        """End the page."""
        self._end_row()
        names = ("Model", "Answers", "Failed", "Cost", "Seconds", "Tokens in", "Tokens out")
        head = "".join(f"<th>{name}</th>" for name in names)
        body = "".join(_figures_row(one.to_json()) for one in figures)
        self._file.write(
            f"</tbody></table>\n<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            "</body></html>\n"
        )

    def _end_row(self) -> None:
        if self._cells:
            cells = "".join(f"<td>{self._cells.get(model, '')}</td>" for model in self._models)
            given = next((row for at, row in self._rows if at == self._row), None)
            number = self._row if self._is_table else ""
            shown = _given(given) if given else ""
            self._file.write(f"<tr><th>{number}{shown}</th>{cells}</tr>\n")
        self._cells = {}


def _given(row: Row) -> str:
    """Return what a row holds: the values of its columns, or its file, shown if it is an image."""
    if row.file:
        kind, name = mime_type(extension(None, row.file.name, None)), escape(row.file.name)
        is_image = kind.startswith("image/")
        image = f'<img src="{escape(row.file.absolute().as_uri())}" alt="">' if is_image else ""
        return f'{image}<pre class="figures">{name}</pre>'
    columns = redact_keys_in(row.value if isinstance(row.value, dict) else {"": row.value})
    text = "\n".join(
        f"{name}: {_short(inner)}" if name else _short(inner) for name, inner in columns.items()
    )
    return f'<pre class="figures">{escape(text)}</pre>'


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else to_json_text(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _cell(answer: JsonObject) -> str:
    error, metadata = an_object(answer.get("error")), an_object(answer.get("metadata"))
    if error:
        shown = f'<pre class="error">{escape(str(error.get("message", "")))}</pre>'
    else:
        shown = _output(answer.get("output"))
    cost = metadata.get("cost", error.get("cost"))
    tokens_in, tokens_out = tokens_of(answer)
    parts = [
        format_usd(cost) if cost is not None else "",
        f"{metadata['latency']:.1f} s" if metadata.get("latency") else "",
        f"{tokens_in} tokens in, {tokens_out} out" if None not in (tokens_in, tokens_out) else "",
    ]
    return f'{shown}<div class="figures">{" · ".join(filter(None, parts))}</div>'


def _output(output: Json) -> str:
    if isinstance(output, dict) and output.keys() == set(FILE_KEYS):
        name, url = escape(output["name"]), escape(output["url"], quote=True)
        if output["mimeType"].startswith("image/") and url.startswith(("file:", "data:")):
            return f'<img src="{url}" alt="{name}">'
        return f"<pre>{name}: {url}</pre>"
    text = output if isinstance(output, str) else to_json_text(output, indent=2)
    return f"<pre>{escape(text)}</pre>"


def _figures_row(one: JsonObject) -> str:
    seconds = "" if one["seconds"] is None else f"{one['seconds']:.1f}"
    tokens = one["tokens"]
    good = one["answers"] - one["failed"]
    cells = (
        one["model"], good, one["failed"], format_usd(one["cost"]), seconds,
        tokens["in"], tokens["out"],
    )  # fmt: skip
    return f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>"
