"""Many rows beside the ideal: `python -m benchmarks.batch [--database postgresql://…]`.

The command `batch` with a server on loopback: how long 10,000 rows of a second take, 128 at the
same time; how many rows a second there are without latency; and how much memory all of it needs
more than three rows.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from math import ceil
from pathlib import Path

from .measure import a_server

AT_ONCE = 128
FEW = 3


def performed(url: str, database: str, folder: Path, rows: int) -> tuple[float, float, float]:
    """Perform rows with the command line; return seconds, those of its processor, and peak MB."""
    table, out = folder / f"{rows}.csv", folder / f"{rows}.jsonl"
    with table.open("w") as file:
        file.write("text\n")
        file.writelines(
            f"some text of the row {number} as long as a title\n" for number in range(rows)
        )
    words = [
        *(sys.executable, "-m", "openrouter_connector", "batch", "ask", "Say: ${row.text}"),
        *("-m", "author-0/model-0", "--over", str(table), "--output", str(out), "--restart"),
        *("--concurrency", str(AT_ONCE), "--base-url", url, "--database", database),
    ]
    environment = {
        **os.environ, "OPENROUTER_API_KEY": "bench",
        "OPENROUTER_CONNECTOR_FILES": str(folder / "files"),
        "OPENROUTER_CONNECTOR_CONFIG": str(folder / "config"),
    }  # fmt: skip
    began = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_OPEN, 2, str(folder / "stderr"), os.O_CREAT | os.O_WRONLY, 0o600)]
    process = os.posix_spawn(sys.executable, words, environment, file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    took = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError((folder / "stderr").read_text()[-2000:])
    with out.open() as file:
        assert sum(1 for _ in file) == rows
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--database", default="", help="a URL of PostgreSQL; else SQLite")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--ceiling", action="store_true", help="only without latency")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, a_server() as url:
        folder = Path(name)
        database, most = (
            args.database or str(folder / "runs.sqlite3"),
            1.2 if args.database else 1.35,
        )
        start, start_cpu, idle = performed(url, database, folder, FEW)
        print(f"{FEW} rows: {start:.1f} s, {idle:.0f} MB", flush=True)
        took, cpu, memory = performed(url, database, folder, args.rows)
        rate, more = args.rows / (took - start), memory - idle
        each = (cpu - start_cpu) / args.rows * 1000
        print(
            f"{args.rows} rows without latency: {took:.1f} s, {rate:.0f} rows/s (200), "
            f"{each:.1f} ms of the processor each, {more:.0f} MB more (60)",
            flush=True,
        )
        if args.ceiling:
            return
        second = url.replace("/api/", "/second/api/")
        took, _, memory = performed(second, database, folder, args.rows)
        ideal = ceil(args.rows / AT_ONCE)
        print(
            f"{args.rows} rows of a second: {took:.1f} s, {took / ideal:.2f} × ideal ({most}), "
            f"{memory - idle:.0f} MB more (60)",
            flush=True,
        )


if __name__ == "__main__":
    main()
