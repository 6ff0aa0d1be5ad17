"""Print to stdout and stderr, and keep control characters of other people's texts off a terminal.

Results go to stdout, everything else to stderr. A pipe gets every text unchanged.
"""

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

# All control characters except tab and line feed: an answer could move the cursor or set the
# clipboard with them. The last two ranges reverse the direction of text, which disguises it.
_CONTROLS = dict.fromkeys(
    [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_ESCAPED = {code: f"\\u{code:04x}" for code in _CONTROLS}
_PIPE_WIDTH = 80  # columns

_is_quiet = False


def print_text(text: str, end: str = "\n") -> None:
    """Print a text to stdout and flush it; control characters are removed for a terminal."""
    _write(without_controls(text, sys.stdout) + end)


def print_json(value: Json, *, on_one_line: bool = False) -> None:
    """Print JSON to stdout; control characters are escaped for a terminal."""
    text = to_json_text(value, indent=None if on_one_line else 2)
    if is_terminal(sys.stdout):
        text = text.translate(_ESCAPED)
    _write(text + "\n")


@contextmanager
def quiet(on: bool) -> Iterator[None]:
    """Print nothing to stderr in the block but errors."""
    global _is_quiet
    before, _is_quiet = _is_quiet, on
    try:
        yield
    finally:
        _is_quiet = before


def is_quiet() -> bool:
    """Return whether only errors are printed to stderr."""
    return _is_quiet


def note(text: str, end: str = "\n", *, is_error: bool = False) -> None:
    """Print a text to stderr. A stderr that fails must not end a run that is paid for."""
    if sys.stderr is None or (_is_quiet and not is_error):
        return
    try:
        print(without_controls(text, sys.stderr), end=end, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def note_dimmed(text: str, end: str = "\n") -> None:
    """Print a dimmed text to stderr if that is a terminal; otherwise print nothing."""
    if is_terminal(sys.stderr) and not _is_quiet:
        from rich.text import Text

        dimmed = Text(without_controls(text, sys.stderr), style="dim")
        open_console(sys.stderr).print(dimmed, end=end, soft_wrap=True)


def print_paged(text: str) -> None:
    """Print a text; on a terminal that it does not fit, with `$PAGER`, or `less`."""
    from shutil import get_terminal_size, which

    is_watched = is_terminal(sys.stdin) and is_terminal(sys.stdout)
    is_long = text.count("\n") + 2 > get_terminal_size().lines
    words = os.environ.get("PAGER", "less").split()
    if not (is_watched and is_long and words and which(words[0])):
        print_text(text)
        return
    from subprocess import run

    shown = without_controls(text, sys.stdout) + "\n"
    # Less ends at once if all fits, and leaves the text on the screen.
    run(words, input=shown, text=True, env={"LESS": "FRX", **os.environ}, check=False)  # noqa: S603


@contextmanager
def page() -> Iterator[Console]:
    """Yield a rich console for tables; its output is printed to stdout when the block ends."""
    drawn, on_terminal = StringIO(), is_terminal(sys.stdout)
    width = None if on_terminal else _PIPE_WIDTH
    # rich must not write to stdout itself: it exits the process when a pipe breaks.
    yield open_console(sys.stdout, file=drawn, force_terminal=on_terminal, width=width)
    _write(drawn.getvalue())


def columns() -> int:
    """Return how many columns stdout has: those of the terminal, or 80 for a pipe."""
    from shutil import get_terminal_size

    return get_terminal_size((_PIPE_WIDTH, 24)).columns if is_terminal(sys.stdout) else _PIPE_WIDTH


class RedirectedStdout:
    """A stand-in for a stdout that cannot be written: it prints to stderr."""

    def write(self, text: str) -> int:
        """Print a text to stderr."""
        note(text, end="", is_error=True)
        return len(text)

    def flush(self) -> None:
        """Do nothing: `note` flushes."""

    def isatty(self) -> bool:
        """Return whether stderr is a terminal."""
        return is_terminal(sys.stderr)


def redirect_stdout(error: OSError) -> None:
    """Print to stderr from now on, so that an answer that was paid for is not lost."""
    note(
        f"error: cannot write to stdout ({error.strerror or error}); its text follows here",
        is_error=True,
    )
    silence(sys.stdout)
    sys.stdout = cast(TextIO, RedirectedStdout())


def silence(stream: TextIO | None) -> None:
    """Point a broken stream to /dev/null, or Python reports it again when it closes."""
    with suppress(OSError, ValueError, AttributeError):
        number = stream.fileno() if stream else -1
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; a process may start without the stream."""
    return stream is not None and stream.isatty()


def without_controls(text: str, stream: TextIO | None) -> str:
    """Return a text for a stream: a terminal gets it without control characters."""
    if not is_terminal(stream) or (cleaned := text.translate(_CONTROLS)) == text:
        return text
    from ...connections.redact_keys import redact_keys

    # An API key with control characters inside was not recognised before: hide it now.
    return redact_keys(cleaned)


def open_console(stream: TextIO, **options: Any) -> Console:
    """Return a rich console for a stream that prints texts literally, without markup."""
    from rich.console import Console
    from rich.segment import Segment

    class SafeConsole(Console):
        def render(self, *args: Any, **kwargs: Any) -> Iterator[Segment]:
            for text, style, control in super().render(*args, **kwargs):
                safe = text if control else without_controls(text, stream)
                yield Segment(safe, style, control)

    # rich would keep bold and dimmed texts, which are escape sequences too.
    plain: dict[str, Any] = {"color_system": None} if os.environ.get("NO_COLOR") else {}
    options = {"file": stream, **options, **plain}
    return SafeConsole(**options, highlight=False, markup=False, emoji=False)


def _write(text: str) -> None:
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "it is closed")
        print(text, end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        redirect_stdout(error)
        print(text, end="")
