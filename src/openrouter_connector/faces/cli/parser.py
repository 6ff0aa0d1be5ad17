"""An argparse parser that raises our errors, so that they are reported like all others."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from textwrap import fill
from typing import NoReturn

from ...errors import ConnectorError, InputError
from ...suggest import did_you_mean
from .help_text import PROGRAM, WIDTH, as_called

_UNKNOWN = "unrecognized arguments: "
_NO_SECRETS = (
    f"a secret is never an option here, since others can see command lines: save it with "
    f"`{PROGRAM} connect`, or set it in the environment"
)


class _HelpFormatter(argparse.HelpFormatter):
    """Wraps the texts around the options; indented lines, such as examples, stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = as_called(text).split("\n\n")
        return "\n\n".join(one if "\n " in one else fill(one, WIDTH) for one in paragraphs)


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError where argparse prints a message and exits."""

    too_many = ""
    """A hint for arguments that nothing takes."""
    words: Sequence[str] = ()
    """What is parsed; an action among it has parameters."""

    def __init__(self, prog: str, description: str, **_: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,
            formatter_class=_HelpFormatter,
        )

    def format_help(self) -> str:
        """Return the help page, with the name by which the program was called."""
        return as_called(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Raise InputError for wrong arguments."""
        if message.startswith(_UNKNOWN):
            message = self._unknown(message.removeprefix(_UNKNOWN).split(" "))
        raise InputError(f"{message} (see {self.prog} --help)")

    def _unknown(self, words: list[str]) -> str:
        """Return what is wrong with words that nothing takes.

        Of an unknown option only the name is shown: its value may be a secret.
        """
        options = [word.partition("=")[0] for word in words if word.startswith("-")]
        if not options:
            return f"{_UNKNOWN}{' '.join(words)}{self.too_many}"
        name = options[0].lower()
        if name.endswith(("token", "-key", "secret", "password")):
            return f"{_UNKNOWN}{options[0]}; {_NO_SECRETS}"
        hint = self._as_parameter(options[0])
        hint = hint or did_you_mean(options[0], self._option_string_actions)
        return f"{_UNKNOWN}{' '.join(options)}{hint}"

    def _as_parameter(self, option: str) -> str:
        """Return how to write an option that is a flag of the action's own command: with `-p`."""
        from .action_command import action_commands, connector_option

        if "-p" not in self._option_string_actions:
            return ""
        try:
            commands = action_commands(connector_option(self.words))
        except ConnectorError:  # the definition is invalid: the command itself would say so
            return ""
        command = next(filter(None, map(commands.find, self.words)), None)
        flags = [*command.flags, *([command.main] if command.main else [])] if command else []
        path = next((one.path for one in flags if option in (one.option, f"--{one.path}")), "")
        return f"; the parameter is written -p {path}=…" if path else ""
