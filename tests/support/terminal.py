"""Run a command in a terminal of its own, with a person who reads and types there."""

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
    """The output of a command, and the keys that are typed."""

    def __init__(self, handle: int, running: subprocess.Popen[bytes]) -> None:
        self._handle = handle
        self._running = running
        self._read = 0
        self.shown = ""

    def wait_for(self, text: str, within: float = 40) -> str:
        """Wait for a text after the last one, and return the output up to its end."""
        until = time.monotonic() + within
        while (found := self.shown.find(text, self._read)) < 0:
            assert self._more(until), f"{text!r} is not in\n{self.shown}"
        start, self._read = self._read, found + len(text)
        return self.shown[start : self._read]

    def type_line(self, line: str) -> None:
        os.write(self._handle, f"{line}\n".encode())

    def press(self, key: bytes) -> None:
        os.write(self._handle, key)

    def interrupt(self) -> None:
        """Press Ctrl-C, and again if the command shows nothing for a while, as a person does.

        A signal that arrives just before Python begins to read is handled after the next key.
        """
        while self._more(time.monotonic()):
            pass
        for _ in range(4):
            self.press(b"\x03")
            if self._shows_more(within=5):
                return

    def echoes(self) -> bool:
        """Return whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._handle)[3] & termios.ECHO)

    def address(self) -> str:
        """Return the login URL that the wizard prints."""
        self.wait_for("/auth?")
        while "\n" not in self.shown[self._read :]:
            assert self._more(time.monotonic() + 40), self.shown
        line = self.shown[: self.shown.index("\n", self._read)].splitlines()[-1]
        return str(re.findall(r"http\S+", line)[-1])

    def exit_code(self) -> int:
        """Wait for the end, and return the exit code."""
        until = time.monotonic() + 40
        while self._more(until):
            pass
        return self._running.wait(timeout=40)

    def _shows_more(self, within: float) -> bool:
        """Wait for more output, or the end."""
        return bool(select.select([self._handle], [], [], max(0, within))[0])

    def _more(self, until: float) -> bool:
        """Read more output; return False at the end or after the time limit."""
        if not self._shows_more(until - time.monotonic()):
            return False
        try:
            chunk = os.read(self._handle, 4096)
        except OSError:  # Linux reports a closed terminal like this
            return False
        self.shown += chunk.decode(errors="replace").replace("\r\n", "\n")
        return bool(chunk)


@contextmanager
def terminal(*words: str) -> Iterator[Terminal]:
    """Start a command that controls a new terminal, so that Ctrl-C reaches it."""
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
    """Make the terminal ours, and accept Ctrl-C even if the tests run in the background."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
