"""A spinner and progress bar on stderr, shown only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .terminal import is_quiet, is_terminal, open_console

if TYPE_CHECKING:
    from rich.progress import Progress


class ProgressBar:
    """A spinner with the elapsed seconds, and a bar once the total is known."""

    def __init__(self, label: str, progress: Progress | None) -> None:
        self._label = label
        self._progress = progress
        self._task = progress.add_task(label, total=None) if progress else None

    def update(self, done: int, total: int, unit: str) -> None:
        """Show that `done` of `total` units are finished."""
        if self._progress and self._task is not None:
            label = f"{self._label} {done} of {total} {unit}"
            self._progress.update(self._task, description=label, completed=done, total=total)

    def stop(self) -> None:
        """Remove the spinner, so that an answer can be printed."""
        if self._progress:
            self._progress.stop()


@contextmanager
def progress_bar(label: str) -> Iterator[ProgressBar]:
    """Show a spinner while the block runs."""
    with live_progress() as progress:
        yield ProgressBar(label, progress)


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
