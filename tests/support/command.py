"""The result of a command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CommandResult:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The value on stdout, which must be one JSON document and nothing else."""
        return json.loads(self.out)


Command = Callable[..., CommandResult]


def last_run(command: Command) -> str:
    """Return the id of the newest run."""
    return str(command("runs", "list", "--json").json[0]["id"])
