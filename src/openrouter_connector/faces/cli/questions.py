"""Questions to a person at a terminal; asked on stderr, so that stdout is for what comes of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from ...errors import InputError
from .terminal import note


class InputEnded(InputError):
    """There is nobody to answer any more."""

    def __init__(self) -> None:
        super().__init__("the input ended before all was answered; nothing was stored")


def line(question: str, default: str = "") -> str:
    """Ask for a line, and give it without the spaces around it; nothing typed is the default."""
    note(f"{question} [{default}] " if default else f"{question} ", end="")
    return read_line() or default


def read_line() -> str:
    """Read a line of stdin; InputEnded at its end."""
    typed = sys.stdin.readline()
    if not typed:
        raise InputEnded
    return typed.strip()


def agreed(question: str, *, default: bool = False) -> bool:
    """Ask whether to do something."""
    typed = line(f"{question} {'[Y/n]' if default else '[y/N]'}").lower()
    return typed in ("y", "yes") if typed else default


def chosen(question: str, choices: Mapping[str, str], default: str) -> str:
    """Ask for one of several, each with a few words about it, until one of them is named."""
    for name, about in choices.items():
        note(f"  {name}  {about}")
    while (typed := line(question, default)) not in choices:
        note(f"{typed!r} is none of {', '.join(choices)}.")
    return typed


def hidden(question: str) -> str:
    """Ask for a secret, which is not shown as it is typed; InputEnded at the end of the input."""
    from getpass import getpass

    try:
        return getpass(f"{question} ", stream=sys.stderr).strip()
    except EOFError:
        raise InputEnded from None
