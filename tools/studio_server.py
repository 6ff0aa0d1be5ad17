"""A server of the Studio with a sandbox: for pictures and measurements."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PLACES = ("CONFIG", "CACHE", "FILES", "DATABASE")


@contextmanager
def studio_server(folder: Path, api: str | None = None) -> Iterator[str]:
    """Start `studio` as a person does, with all its data in a folder, and yield its address.

    Its default connection is the sandbox, or one to an API with the base URL `api`.
    """
    own = {f"OPENROUTER_CONNECTOR_{name}": str(folder / name.lower()) for name in _PLACES}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENROUTER_")}
    server = ["--sandbox"] if api is None else []
    if api is not None:
        own |= {"OPENROUTER_BASE_URL": api, "OPENROUTER_API_KEY": "no-secret"}
    words = ("studio", *server, "--no-open", "--no-token", "--port", "0")
    with subprocess.Popen(  # noqa: S603 - it is our own
        [sys.executable, "-m", "openrouter_connector", *words, "--audit-log", str(folder / "log")],
        stderr=subprocess.PIPE,
        text=True,
        env=kept | own,
    ) as running:
        try:
            yield _address(running)
        finally:
            running.kill()


def _address(running: subprocess.Popen[str]) -> str:
    assert running.stderr  # noqa: S101 - it is a pipe
    printed = ""
    while line := running.stderr.readline():
        printed += line
        if found := re.match(r"  (http://\S+)$", line):
            return found[1]
    raise SystemExit(f"the server did not start: {printed}")
