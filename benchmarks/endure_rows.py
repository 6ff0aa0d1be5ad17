"""Kill `batch` at random moments, start the same command again, and compare its results.

    server that counts requests ◀── openrouter-connector batch ◀── killed, started again, killed …

A run passes if the file of results is that of an undisturbed run, and if every request that was
served twice had been reported as in doubt before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.endure import CountingServer

ROWS = 400
_REPAIRED = 5  # each fifth answer is no JSON at first
_PROMPT = "${row.word} row ${row.index}: ${row.text}"
_SCHEMA = '{"type": "object", "properties": {"value": {"type": "string"}}, "required": ["value"]}'


def rows_of(path: Path, count: int) -> Path:
    """Write a table; each fifth answer is no JSON at first, so that a second request repairs it."""
    kinds = ["REPAIR,JSON" if number % _REPAIRED == 0 else "plain,TEXT" for number in range(count)]
    lines = [f"{kind},text {number}" for number, kind in enumerate(kinds)]
    path.write_text("\n".join(["word,format,text", *lines]) + "\n")
    return path


def command(folder: Path, database: str, url: str, count: int, *more: str) -> list[str]:
    """Return the command line that performs all rows, which is the same each time."""
    response = json.dumps({"responseFormat": "${row.format}", "responseSchema": _SCHEMA})
    return [
        *(sys.executable, "-m", "openrouter_connector", "batch", "ask", _PROMPT),
        *("-m", "made/model", "-p", f"response={response}", "--concurrency", "16"),
        *("--over", str(rows_of(folder / "rows.csv", count)), "--base-url", url),
        *("--output", str(folder / "out.jsonl"), "--database", database, "--json", *more),
    ]


def endured(
    server: CountingServer, folder: Path, database: str, count: int, kills: int
) -> dict[str, Any]:
    """Perform the rows while killing the command up to `kills` times; return what became of it."""
    killed, doubts, retry = 0, 0, list[str]()
    environment = {
        **os.environ, "OPENROUTER_API_KEY": "made-key",
        "OPENROUTER_CONNECTOR_FILES": str(folder / "files"),
        "OPENROUTER_CONNECTOR_CONFIG": str(folder / "config"),
    }  # fmt: skip
    while True:
        words = command(folder, database, server.url, count, *retry)
        retry = []  # once: what a kill of this one leaves in doubt must be reported first
        process = subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        if killed < kills:
            _let_work(server, process)
        else:
            process.wait(180)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        out, errors = process.communicate()
        if process.returncode == -signal.SIGKILL:
            continue
        if process.returncode not in (0, 6):
            raise RuntimeError(errors.decode()[-3000:])
        end = json.loads(out.decode().splitlines()[-1])
        if end["failed"]:
            raise RuntimeError(json.dumps(end))
        # Of a row that is repaired both requests may be in doubt.
        doubts += sum(2 if number % _REPAIRED == 0 else 1 for number in end["doubtful"])
        retry = ["--retry-doubtful"] if end["doubtful"] else []
        if process.returncode == 0:
            return {"killed": killed, "doubts": doubts, "cost": end["cost"]}


def results_of(folder: Path) -> list[Any]:
    """Return the rows of the file of results, without what differs each time."""
    lines = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    return [(line["row"], line.get("output"), line.get("error")) for line in lines]


def _let_work(server: CountingServer, process: subprocess.Popen[bytes]) -> None:
    """Wait until requests arrive, and then for a random moment more, or until all has ended."""
    before, until = server.served.total(), time.monotonic() + 30
    while process.poll() is None and server.served.total() == before and time.monotonic() < until:
        time.sleep(0.005)
    until = time.monotonic() + random.uniform(0, 0.5)
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.005)


def check(
    server: CountingServer, alone: Counter[str], expected: list[Any], folder: Path, doubts: int
) -> str:
    """Return what is wrong with the results of a disturbed run; empty if nothing is."""
    found = results_of(folder)
    if found != expected:
        wrong = [one for one, other in zip(found, expected, strict=False) if one != other]
        return f"{len(found)} rows, {len(wrong)} of them are wrong"
    if lost := (alone - server.served).total():
        return f"{lost} requests were never sent"
    again = (server.served - alone).total()
    return f"{again} served twice, and {doubts} in doubt" if again > doubts else ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endure_rows", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--a-run", type=int, default=10, help="kills of one run at most")
    parser.add_argument("--database", default="", help="a URL of PostgreSQL; else SQLite")
    args = parser.parse_args()
    server = CountingServer(0.2).start()
    killed = wrong = doubts = runs = 0
    with tempfile.TemporaryDirectory(prefix="endure-rows-") as root:
        plain = Path(root, "plain")
        plain.mkdir()
        endured(server, plain, str(plain / "runs.sqlite3"), ROWS, 0)
        expected, alone = results_of(plain), server.served.copy()
        while killed < args.kills:
            server.served.clear()
            runs += 1
            folder = Path(root, f"killed-{runs}")
            folder.mkdir()
            database = args.database or str(folder / "runs.sqlite3")
            most = min(args.a_run, args.kills - killed)
            found = endured(server, folder, database, ROWS, most)
            fault = check(server, alone, expected, folder, found["doubts"])
            killed, doubts = killed + found["killed"], doubts + found["doubts"]
            wrong += bool(fault)
            again = (server.served - alone).total()
            print(
                f"run {runs}: {found['killed']} kills, {found['doubts']} requests in doubt, "
                f"{again} requests served twice, {fault or 'equal'}",
                flush=True,
            )
    print(f"{killed} kills of {runs} runs: {wrong} wrong, {doubts} requests in doubt at most")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", os.pathsep.join(sys.path))
    raise SystemExit(main())
