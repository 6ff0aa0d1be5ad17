"""A spinner and progress bar on stderr, shown only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from .terminal import is_quiet, is_terminal, note, open_console, without_controls

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


_DELAY = 0.3  # seconds; most of a short call is over before a spinner could be drawn


class ProgressBar:
    """A spinner with the elapsed seconds, and a bar once the total is known."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown = ExitStack()
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._is_over = False

    def start(self) -> None:
        """Show the spinner, if there is a terminal."""
        if not self._is_over:
            self._progress = self._shown.enter_context(live_progress())
        if self._progress:
            self._task = self._progress.add_task(self._label, total=None)

    def update(self, done: int, total: int, unit: str) -> None:
        """Show that `done` of `total` units are finished."""
        if self._progress and self._task is not None:
            label = f"{self._label} {done} of {total} {unit}"
            self._progress.update(self._task, description=label, completed=done, total=total)

    def line(self, text: str) -> None:
        """Print a line above the spinner."""
        if not self._progress:
            note(text)
            return
        from rich.text import Text

        shown = Text(without_controls(text, sys.stderr))
        self._progress.console.print(shown, soft_wrap=True)

    def stop(self) -> None:
        """Remove the spinner, so that an answer can be printed."""
        self._is_over = True
        self._progress = None
        self._shown.close()


@contextmanager
def progress_bar(label: str) -> Iterator[ProgressBar]:
    """Show a spinner while the block runs, in an event loop after a moment."""
    from asyncio import get_running_loop

    bar = ProgressBar(label)
    timer = None
    try:
        timer = get_running_loop().call_later(_DELAY, bar.start)
    except RuntimeError:  # there is no event loop
        bar.start()
    try:
        yield bar
    finally:
        if timer:
            timer.cancel()
        bar.stop()


@contextmanager
def live_progress() -> Iterator[Progress | None]:
    """Yield rich's progress on stderr, which vanishes at the end; None without a terminal."""
    if is_quiet() or not is_terminal(sys.stderr):
        yield None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.description}", markup=False)
    columns = SpinnerColumn(), text, BarColumn(30), TimeElapsedColumn()
    # rich would otherwise replace sys.stdout, and the answer must go to the real one.
    with Progress(
        *columns,
        console=open_console(sys.stderr),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        yield progress
