"""Words for stdout and stderr; what needs a terminal is drawn on one only."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from ...plain_json import plain
from ...values import Json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

# All control characters but tab and line feed: they would move the cursor, or worse.
_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])
_PIPE_WIDTH = 120


def print_text(text: str, end: str = "\n") -> None:
    """Write a text to stdout at once; a terminal gets it without control characters."""
    print(harmless(text, sys.stdout), end=end, flush=True)


def print_json(value: Json) -> None:
    """Write JSON to stdout."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=2), flush=True)


def note(text: str, end: str = "\n") -> None:
    """Write a text to stderr."""
    print(harmless(text, sys.stderr), end=end, file=sys.stderr, flush=True)


def dim(text: str, end: str = "\n") -> None:
    """Write a text to stderr in the background, if it is a terminal, and else not at all."""
    if is_terminal(sys.stderr):
        from rich.text import Text

        shown = Text(harmless(text, sys.stderr), style="dim")
        _on_stderr().print(shown, end=end, soft_wrap=True)


@contextmanager
def page() -> Iterator[Console]:
    """Give a console to draw on; what is drawn appears on stdout, in a pipe 120 columns wide."""
    from rich.console import Console

    width = None if is_terminal(sys.stdout) else _PIPE_WIDTH
    console = Console(width=width, highlight=False, markup=False, emoji=False)
    # Written by print, since rich ends the program when a pipe breaks.
    with console.capture() as drawn:
        yield console
    print(drawn.get(), end="", flush=True)


class Wait:
    """A spinner with the seconds, and a bar once it is known how far it goes."""

    def __init__(self, what: str, progress: Progress | None) -> None:
        self._what = what
        self._progress = progress
        self._task = progress.add_task(what, total=None) if progress else None

    def show(self, done: int, total: int, unit: str) -> None:
        """Show how much is done."""
        if self._progress and self._task is not None:
            what = f"{self._what} {done} of {total} {unit}"
            self._progress.update(self._task, description=what, completed=done, total=total)

    def stop(self) -> None:
        """End it early."""
        if self._progress:
            self._progress.stop()


@contextmanager
def waiting(what: str) -> Iterator[Wait]:
    """Show on a terminal that something goes on."""
    if not is_terminal(sys.stderr):
        yield Wait(what, None)
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(30), TimeElapsedColumn()
    with Progress(
        *columns,
        console=_on_stderr(),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        yield Wait(what, progress)


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person looks at it; a program may be started without the stream."""
    return stream is not None and stream.isatty()


def harmless(text: str, stream: TextIO | None) -> str:
    """Take the control characters out of a text that goes to a terminal."""
    return text.translate(_CONTROLS) if is_terminal(stream) else text


def _on_stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)
