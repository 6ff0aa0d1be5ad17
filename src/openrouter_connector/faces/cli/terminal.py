"""Words for stdout and stderr; what needs a terminal is drawn on one only."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from ...values import Json

if TYPE_CHECKING:
    from rich.console import Console

# All control characters but tab and line feed: they would move the cursor, or worse.
_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])
_PIPE_WIDTH = 120


def print_text(text: str, end: str = "\n") -> None:
    """Write a text to stdout at once; a terminal gets it without control characters."""
    print(_harmless(text, sys.stdout), end=end, flush=True)


def print_json(value: Json) -> None:
    """Write JSON to stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=2), flush=True)


def note(text: str, end: str = "\n") -> None:
    """Write a text to stderr."""
    print(_harmless(text, sys.stderr), end=end, file=sys.stderr, flush=True)


def dim(text: str, end: str = "\n") -> None:
    """Write a text to stderr in the background, if it is a terminal, and else not at all."""
    if sys.stderr.isatty():
        from rich.text import Text

        shown = Text(_harmless(text, sys.stderr), style="dim")
        on_stderr().print(shown, end=end, soft_wrap=True)


def on_stdout() -> Console:
    """Give the console for tables: as wide as the terminal, or 120 columns in a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)


def on_stderr() -> Console:
    """Give the console for what is said beside the output."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def waiting(what: str) -> Iterator[Callable[[], None]]:
    """Show a spinner and the seconds on a terminal; what is given ends it early."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(
        *columns,
        console=on_stderr(),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        progress.add_task(what, total=None)
        yield progress.stop


def _harmless(text: str, stream: TextIO | None) -> str:
    return text.translate(_CONTROLS) if stream is not None and stream.isatty() else text
