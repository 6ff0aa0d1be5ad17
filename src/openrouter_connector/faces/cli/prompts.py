"""Questions to a person at a terminal; asked on stderr, so that stdout is for what comes of it.

A key may be pasted at any of them. So only a line of text is shown as it is typed; of all else the
answer is shown once it is understood.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ...errors import InputError
from ...secret import is_secret
from .terminal import is_terminal, note

_SAID = {"y": True, "yes": True, "n": False, "no": False}
_NEITHER = "That is neither yes nor no; type y or n."


class InputEnded(InputError):
    """There is nobody to answer any more."""

    def __init__(self) -> None:
        super().__init__("the input ended before all was answered; nothing was stored")


def line(question: str, default: str = "") -> str:
    """Ask for a line, and give it without the spaces around it; nothing typed is the default."""
    with echo(True):
        note(f"{question} [{default}] " if default else f"{question} ", end="")
        return _read_line() or default


def agreed(question: str, *, default: bool = False) -> bool:
    """Ask whether to do something, until the answer is yes or no; nothing typed is the default."""
    while not isinstance(said := _said(question, default), bool):
        note(_NEITHER)
    return said


def agreed_or_secret(question: str) -> bool | str:
    """Ask whether to do something, which is the default; or give the secret that is typed."""
    while isinstance(said := _said(question, default=True), str) and not is_secret(said):
        note(_NEITHER)
    if isinstance(said, str):
        note("")
    return said


def chosen(question: str, choices: Mapping[str, str], default: str) -> str:
    """Ask for one of several, each with a few words about it, until one of them is named."""
    for name, about in choices.items():
        note(f"  {name}  {about}")
    while (typed := _unseen(f"{question} [{default}]") or default) not in choices:
        told = "that" if is_secret(typed) else repr(typed)
        note(f"{told} is none of {', '.join(choices)}.")
    note(typed)
    return typed


def hidden(question: str) -> str:
    """Ask for a secret, which is not shown as it is typed; InputEnded at the end of the input."""
    typed = _unseen(question)
    note("")
    return typed


@contextmanager
def echo(on: bool) -> Iterator[None]:
    """Let the terminal show what is typed, or not; what was typed before is still to be read."""
    if sys.platform == "win32" or not is_terminal(sys.stdin):
        yield
        return
    from termios import ECHO, TCSADRAIN, tcgetattr, tcsetattr

    handle = sys.stdin.fileno()
    before = tcgetattr(handle)
    after = before.copy()
    after[3] = after[3] | ECHO if on else after[3] & ~ECHO
    tcsetattr(handle, TCSADRAIN, after)
    try:
        yield
    finally:
        tcsetattr(handle, TCSADRAIN, before)


def _said(question: str, default: bool) -> bool | str:
    """Ask once, and show the answer if it is yes or no; give any other as it was typed."""
    typed = _unseen(f"{question} {'[Y/n]' if default else '[y/N]'}")
    said = _SAID.get(typed.lower(), typed or default)
    if isinstance(said, bool):
        note("yes" if said else "no")
    return said


def _unseen(question: str) -> str:
    """Ask for a line that is not shown, and leave the cursor behind the question."""
    if sys.platform == "win32" and is_terminal(sys.stdin):
        from getpass import getpass

        return getpass(f"{question} ", stream=sys.stderr).strip()
    with echo(False):
        note(f"{question} ", end="")
        try:
            return _read_line()
        except InputEnded:
            note("")
            raise


def _read_line() -> str:
    """Read a line of stdin; InputEnded at its end."""
    typed = sys.stdin.readline()
    if not typed:
        raise InputEnded
    return typed.strip()
