"""Names of hosts that mean what a test says, to all that looks names up."""

from __future__ import annotations

import socket
from typing import Any

import pytest


def looked_up(monkeypatch: pytest.MonkeyPatch, *answers: dict[str, str]) -> None:
    """Let names mean these addresses; of several answers each lookup of a name takes the next."""
    real, asked = socket.getaddrinfo, dict[str, int]()

    def lookup(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in answers[0]:
            return real(host, *rest, **more)
        turn = min(asked.get(host, 0), len(answers) - 1)
        asked[host] = turn + 1
        return real(answers[turn][host], *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
