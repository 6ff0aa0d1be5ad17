"""Words for stdout and stderr; what needs a terminal is drawn on one only."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import TYPE_CHECKING, Any, TextIO, cast

from ...plain_json import to_json_text
from ...values import Json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

# All control characters but tab and line feed: they would move the cursor, or worse. And those that
# turn the direction of what follows, so that a text reads as another.
_CONTROLS = dict.fromkeys(
    [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_ESCAPED = {code: f"\\u{code:04x}" for code in _CONTROLS}
_PIPE_WIDTH = 120


def print_text(text: str, end: str = "\n") -> None:
    """Write a text to stdout at once; a terminal gets it without control characters."""
    _write(harmless(text, sys.stdout) + end)


def print_json(value: Json) -> None:
    """Write JSON to stdout; to a terminal with its control characters as escapes of JSON."""
    text = to_json_text(value, indent=2)
    if is_terminal(sys.stdout):
        text = text.translate(_ESCAPED)
    _write(text + "\n")


def note(text: str, end: str = "\n") -> None:
    """Write a text to stderr, if there is one: what it says never ends a run that was paid for."""
    if sys.stderr is None:
        return
    try:
        print(harmless(text, sys.stderr), end=end, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def dim(text: str, end: str = "\n") -> None:
    """Write a text to stderr in the background, if it is a terminal, and else not at all."""
    if is_terminal(sys.stderr):
        from rich.text import Text

        shown = Text(harmless(text, sys.stderr), style="dim")
        _console(sys.stderr).print(shown, end=end, soft_wrap=True)


@contextmanager
def page() -> Iterator[Console]:
    """Give a console to draw on; what is drawn appears on stdout, in a pipe 120 columns wide."""
    drawn, seen = StringIO(), is_terminal(sys.stdout)
    # Not written by rich, which ends the program when a pipe breaks.
    yield _console(sys.stdout, file=drawn, force_terminal=seen, width=None if seen else _PIPE_WIDTH)
    _write(drawn.getvalue())


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

    words = TextColumn("{task.description}", markup=False)
    columns = SpinnerColumn(), words, BarColumn(30), TimeElapsedColumn()
    with Progress(
        *columns,
        console=_console(sys.stderr),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        yield Wait(what, progress)


class Diverted:
    """Takes the place of stdout once that cannot be written: its text goes to stderr."""

    def write(self, text: str) -> int:
        """Write a text."""
        note(text, end="")
        return len(text)

    def flush(self) -> None:
        """Do nothing: `note` does it."""

    def isatty(self) -> bool:
        """Tell whether a person looks at it."""
        return is_terminal(sys.stderr)


def divert(error: OSError) -> None:
    """Let stderr take what stdout would: an answer that was paid for is shown somewhere."""
    note(f"error: stdout cannot be written ({error.strerror or error}); its text follows here")
    silence(sys.stdout)
    sys.stdout = cast(TextIO, Diverted())


def silence(stream: TextIO | None) -> None:
    """Let nothing that is left in a broken stream be a further error when Python closes it."""
    with suppress(OSError, ValueError, AttributeError):
        number = stream.fileno() if stream else -1
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person looks at it; a program may be started without the stream."""
    return stream is not None and stream.isatty()


def harmless(text: str, stream: TextIO | None) -> str:
    """Take the control characters out of a text that goes to a terminal.

    A key that they stood in is whole then, and hidden.
    """
    if not is_terminal(stream) or (shown := text.translate(_CONTROLS)) == text:
        return text
    from ...connections.redact_keys import redact_keys

    return redact_keys(shown)


def _write(text: str) -> None:
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        print(text, end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        divert(error)
        print(text, end="")


def _console(stream: TextIO, **options: Any) -> Console:
    """Give a console that draws for a stream, and takes every text as it is, without markup."""
    from rich.console import Console
    from rich.segment import Segment

    class Harmless(Console):
        def render(self, *given: Any, **more: Any) -> Iterator[Segment]:
            for text, style, control in super().render(*given, **more):
                yield Segment(text if control else harmless(text, stream), style, control)

    return Harmless(**{"file": stream, **options}, highlight=False, markup=False, emoji=False)
