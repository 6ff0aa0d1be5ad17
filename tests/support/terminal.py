"""A command in a terminal of its own, and a person who reads and types there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Terminal:
    """What a command shows, and what is typed at it."""

    def __init__(self, handle: int, running: subprocess.Popen[bytes]) -> None:
        self._handle = handle
        self._running = running
        self._read = 0
        self.shown = ""

    def sees(self, text: str, within: float = 20) -> str:
        """Wait for a text that was not read before, and give all up to its end."""
        until = time.monotonic() + within
        while (found := self.shown.find(text, self._read)) < 0:
            assert self._more(until), f"{text!r} is not in\n{self.shown}"
        start, self._read = self._read, found + len(text)
        return self.shown[start : self._read]

    def types(self, line: str) -> None:
        os.write(self._handle, f"{line}\n".encode())

    def presses(self, key: bytes) -> None:
        os.write(self._handle, key)

    def echoes(self) -> bool:
        """Tell whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._handle)[3] & termios.ECHO)

    def address(self) -> str:
        """Read the address that the wizard shows."""
        self.sees("/auth?")
        while "\n" not in self.shown[self._read :]:
            assert self._more(time.monotonic() + 20), self.shown
        line = self.shown[: self.shown.index("\n", self._read)].splitlines()[-1]
        return str(re.findall(r"http\S+", line)[-1])

    def ends(self) -> int:
        """Wait for the end, and give the exit code."""
        until = time.monotonic() + 20
        while self._more(until):
            pass
        return self._running.wait(timeout=10)

    def _more(self, until: float) -> bool:
        """Read on; False at the end, or when there is nothing in time."""
        if not select.select([self._handle], [], [], max(0, until - time.monotonic()))[0]:
            return False
        try:
            piece = os.read(self._handle, 4096)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.shown += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)


@contextmanager
def terminal(*words: str) -> Iterator[Terminal]:
    """Start a command in a terminal that is its own in every way, so that Ctrl-C reaches it."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "openrouter_connector", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_owns,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, running)
    finally:
        running.kill()
        running.wait()
        os.close(ours)


def _owns() -> None:
    """Take the terminal, and be interrupted there also when these tests run in the background."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
