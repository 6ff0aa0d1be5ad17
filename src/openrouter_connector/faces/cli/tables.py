"""Tables as plain text: they fit a terminal, and in a pipe each row is one whole line.

On a terminal the last column is wrapped between words, and a table that is too wide for that shows
each row on several lines. Nothing is cut off.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from textwrap import wrap

from .terminal import columns, is_terminal, print_text, without_controls

_GAP = "  "
_LEAST = 24  # columns that the last column needs to be readable


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of texts below their headings."""
    # Cleaned before they are measured: a control character has no width.
    cells = [[_one_line(without_controls(cell, sys.stdout)) for cell in row] for row in rows]
    used = [at for at, _ in enumerate(headings) if any(row[at] for row in cells)]
    names = [headings[at] for at in used]
    cells = [[row[at] for at in used] for row in cells]
    widths = [max(map(width, column)) for column in zip(names, *cells, strict=True)]
    room = None if not is_terminal(sys.stdout) else columns()
    taken = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
    if room is None or taken + min(widths[-1], _LEAST) <= room:
        lines = _table(names, cells, widths, None if room is None else room - taken)
    else:
        lines = _blocks(cells, room)
    print_text("\n".join(lines))


def width(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _table(
    names: list[str], rows: list[list[str]], widths: list[int], last: int | None
) -> list[str]:
    total = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
    rule = "─" * (total + min(widths[-1], last or widths[-1]))
    lines = [_line(names, widths), rule if last is not None else ""]
    for row in rows:
        texts = wrap(row[-1], last, break_on_hyphens=False) if last else [row[-1]]
        lines.append(_line([*row[:-1], texts[0] if texts else ""], widths))
        lines += [" " * total + text for text in texts[1:]]
    return [line for line in lines if line]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (room - width(cell)) for cell, room in zip(cells, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _blocks(rows: list[list[str]], room: int) -> list[str]:
    """Return each row as its first cell, and below it the others."""
    lines: list[str] = []
    for first, *others in rows:
        lines.append(first)
        rest = _GAP.join(filter(None, others))
        lines += [f"    {text}" for text in wrap(rest, max(room - 4, _LEAST))]
    return lines


def _one_line(text: str) -> str:
    return " ".join(text.split())
