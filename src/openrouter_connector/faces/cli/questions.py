"""Questions to the person at the terminal; printed to stderr, because stdout is for results.

A key may be pasted at any question. So typing is visible only where a line of text is expected;
all other answers are printed after they are checked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ...errors import InputError
from ...secret import is_secret
from .terminal import is_terminal, note

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}
_INVALID_ANSWER = "Please answer y or n."


class InputEnded(InputError):
    """The input ended before all questions were answered."""

    def __init__(self) -> None:
        super().__init__("the input ended before all questions were answered; nothing was saved")


def ask_line(question: str, default: str = "") -> str:
    """Return a line that the person types; an empty line means the default."""
    with echo(True):
        note(f"{question} [{default}] " if default else f"{question} ", end="")
        return _read_line() or default


def confirm(question: str, *, default: bool = False) -> bool:
    """Return the answer to a yes-or-no question, repeated until it is one of these."""
    while not isinstance(answer := _yes_or_no(question, default), bool):
        note(_INVALID_ANSWER)
    return answer


def confirm_or_secret(question: str) -> bool | str:
    """Return yes (the default), no, or a key that is pasted in answer to the question."""
    while isinstance(answer := _yes_or_no(question, default=True), str) and not is_secret(answer):
        note(_INVALID_ANSWER)
    if isinstance(answer, str):
        note("")
    return answer


def choose(question: str, choices: Mapping[str, str], default: str) -> str:
    """Print the choices with their descriptions, and return the one that the person types."""
    for name, description in choices.items():
        note(f"  {name}  {description}")
    while (typed := _ask_hidden(f"{question} [{default}]") or default) not in choices:
        shown = "That" if is_secret(typed) else repr(typed)
        note(f"{shown} is not one of {', '.join(choices)}.")
    note(typed)
    return typed


def ask_secret(question: str) -> str:
    """Return a secret; it is not visible while it is typed. Raise InputEnded at the end."""
    typed = _ask_hidden(question)
    note("")
    return typed


@contextmanager
def echo(on: bool) -> Iterator[None]:
    """Turn the terminal's echo on or off. Text that was typed before stays readable."""
    if sys.platform == "win32" or not is_terminal(sys.stdin):
        yield
        return
    from termios import ECHO, TCSADRAIN, tcgetattr, tcsetattr

    handle = sys.stdin.fileno()
    before = tcgetattr(handle)
    after = before.copy()
    after[3] = after[3] | ECHO if on else after[3] & ~ECHO
    # Not TCSAFLUSH, which getpass uses: it discards a key that was pasted early.
    tcsetattr(handle, TCSADRAIN, after)
    try:
        yield
    finally:
        tcsetattr(handle, TCSADRAIN, before)


def _yes_or_no(question: str, default: bool) -> bool | str:
    """Ask once. Print and return yes or no; return any other answer as it was typed."""
    typed = _ask_hidden(f"{question} {'[Y/n]' if default else '[y/N]'}")
    answer = _ANSWERS.get(typed.lower(), typed or default)
    if isinstance(answer, bool):
        note("yes" if answer else "no")
    return answer


def _ask_hidden(question: str) -> str:
    """Ask for a line that is not visible while it is typed; the cursor stays on the line."""
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
    typed = sys.stdin.readline()
    if not typed:
        raise InputEnded
    return typed.strip()
