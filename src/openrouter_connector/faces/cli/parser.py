"""An argparse parser that raises our errors, so that they are reported like all others."""

from __future__ import annotations

import argparse
from textwrap import fill
from typing import NoReturn

from ...errors import InputError
from .help_text import as_called


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError where argparse prints a message and exits."""

    too_many = ""
    """A hint for arguments that nothing takes."""

    def __init__(self, prog: str, description: str, **_: str) -> None:
        super().__init__(
            prog=prog,
            description=fill(description, 80),
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def format_help(self) -> str:
        """Return the help page, with the name by which the program was called."""
        return as_called(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Raise InputError for wrong arguments."""
        hint = self.too_many if message.startswith("unrecognized arguments: ") else ""
        is_flag = message.partition(": ")[2].startswith("-")
        raise InputError(f"{message}{'' if is_flag else hint} (see {self.prog} --help)")
