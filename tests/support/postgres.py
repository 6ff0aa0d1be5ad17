"""A PostgreSQL server of a test run's own, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "tester"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, if it is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    listed = [str(path) for path in found] + [path for path in [shutil.which("initdb")] if path]
    return Path(listed[0]).parent if listed else None


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server in a folder of its own, and give the URL of an empty database."""
    folder, programs_ = Path(tempfile.mkdtemp(prefix="postgres-")), programs()
    assert programs_ is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    # It refuses to run as root, as which a container often runs.
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")

    def run(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, capture_output=True, cwd="/")

    try:
        run(str(programs_ / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "--no-sync")
        options = f"-h 127.0.0.1 -p {port} -k {folder} -c max_connections=200"
        start = ["-D", str(data), "-o", options, "-w", "-l", str(folder / "log"), "start"]
        run(str(programs_ / "pg_ctl"), *start)
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            run(str(programs_ / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
