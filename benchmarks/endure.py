"""Kill runs at random moments, resume them, and compare what they return: `make endure`.

    server that counts requests ◀── process that runs the flow ◀── killed, started again, killed …

A run passes if it returns what an undisturbed run returns, and if every request that was served
twice had been reported as in doubt before.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from openrouter_connector import Connector, Flow, InputError

COST = 0.001
REPORT = "report.json"


def ask(name: str, prompt: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": "openRouter/v1/ask",
        "parameters": {"model": "made/model", "userPrompt": prompt, **more},
    }


def as_json(name: str, prompt: str) -> dict[str, Any]:
    """An answer that is no JSON at first, so that a second request repairs it."""
    schema = (
        '{"type": "object", "properties": {"value": {"type": "string"}}, "required": ["value"]}'
    )
    response = {"responseFormat": "JSON", "responseSchema": schema}
    return ask(name, f"REPAIR {prompt}", response=response)


def flow() -> Flow:
    """Twenty steps: chains, side by side, items at the same time, repair rounds, a loop."""
    return Flow.from_json(
        {
            "label": "endure",
            "inputs": [{"name": "seed", "type": "string"}],
            "tasks": [
                ask("first", "${seed} first"),
                ask("left", "left of ${first}"),
                ask("right", "right of ${first}"),
                as_json("joined", "join ${left} ${right}"),
                {
                    "name": "items",
                    "type": "each/v1",
                    "parameters": {
                        "items": "=range(1, 12)",
                        "iteratee": [
                            ask("item", "item ${items.item} of ${first}"),
                            as_json("checked", "check ${item}"),
                            ask("said", "say ${checked.value}"),
                        ],
                    },
                },
                {
                    "name": "rows",
                    "type": "map/v1",
                    "parameters": {
                        "items": "=range(1, 20)",
                        "iteratee": [as_json("row", "row ${rows.item} ${joined.value}")],
                    },
                },
                {
                    "name": "chains",
                    "type": "map/v1",
                    "parameters": {
                        "items": "=range(1, 6)",
                        "iteratee": [
                            ask("one", "one ${chains.item}"),
                            ask("two", "two ${one} ${joined.value}"),
                        ],
                    },
                },
                {
                    "name": "both",
                    "type": "parallel/v1",
                    "parameters": {
                        "tasks": [ask("up", "up ${first}"), ask("down", "down ${first}")]
                    },
                },
                {
                    "name": "forked",
                    "type": "fork-join/v1",
                    "parameters": {
                        "branches": [
                            [ask("f1", "f1 ${up}"), ask("f2", "f2 ${f1}")],
                            [ask("g1", "g1 ${down}")],
                        ]
                    },
                },
                {"name": "total", "type": "var/v1/set", "parameters": {"value": "start"}},
                {
                    "name": "rounds",
                    "type": "loop/v1",
                    "parameters": {
                        "items": "=range(1, 3)",
                        "iteratee": [
                            ask("round", "round ${rounds.item} ${total}"),
                            {
                                "name": "total",
                                "type": "var/v1/set",
                                "parameters": {"value": "${total} ${round}"},
                            },
                        ],
                    },
                },
                ask("last", "last ${total} ${f2} ${g1}"),
            ],
            "outputs": [
                {"name": name, "value": f"${{{name}}}"}
                for name in ("joined", "rows", "chains", "f2", "g1", "total", "last")
            ],
        }
    )


class CountingServer:
    """A server of chat completions on loopback that counts what it serves."""

    def __init__(self, latency: float) -> None:
        self.served: Counter[str] = Counter()
        self._latency = latency
        self._server: Any = None
        self.url = ""

    def start(self) -> CountingServer:
        from starlette.applications import Starlette
        from starlette.requests import Request
        from starlette.responses import JSONResponse
        from starlette.routing import Route
        from uvicorn import Config, Server

        async def chat(request: Request) -> JSONResponse:
            body = await request.json()
            prompts = [str(message["content"]) for message in body["messages"]]
            key = hashlib.sha256("\n".join(prompts).encode()).hexdigest()[:16]
            self.served[key] += 1
            await asyncio.sleep(self._latency * random.random())
            repairs = "REPAIR" in "".join(prompts)
            is_first = repairs and all(one["role"] != "assistant" for one in body["messages"])
            text = "no JSON" if is_first else key
            if repairs and not is_first:
                text = json.dumps({"value": key})
            return JSONResponse(
                {
                    "id": f"gen-{key}",
                    "model": "made/model",
                    "choices": [
                        {
                            "message": {"role": "assistant", "content": text},
                            "finish_reason": "stop",
                        }
                    ],
                    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": COST},
                }
            )

        async def models(_: Request) -> JSONResponse:
            return JSONResponse({"data": [{"id": "made/model", "name": "Made"}]})

        routes = [
            Route("/v1/chat/completions", chat, methods=["POST"]),
            Route("/v1/{path:path}", models),
        ]
        config = Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off")
        server = self._server = Server(config)
        Thread(target=server.run, daemon=True).start()
        while not server.started:
            time.sleep(0.01)
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
        return self


async def perform(folder: Path, database: str, url: str, seed: str, wait: bool) -> None:
    """Start the run of a folder, or go on with it, and report how it ended."""
    from openrouter_connector.flows.runs import EngineLimits, FlowError, Runs

    id_file, report = folder / "run", folder / REPORT
    session = Connector.load(cache=folder / "cache").connect(
        "made-key", base_url=url, files=folder / "files"
    )
    limits = EngineLimits(take_over_every=0.3)
    async with session:
        runs = Runs(session, database, limits=limits)
        if wait:
            await runs.work()
        try:
            if wait:
                run = await runs.get(id_file.read_text())
            elif id_file.exists():
                retry = (folder / "retry").exists()
                (folder / "retry").unlink(missing_ok=True)
                run = await runs.get(id_file.read_text())
                # Killed after its end, before that was reported, there is nothing to go on with.
                if run.record.status != "succeeded":
                    run = await runs.resume(run.id, retry_doubtful=retry)
            else:
                run = await runs.start(flow(), {"seed": seed}, queued=(folder / "queued").exists())
                id_file.write_text(run.id)
                if (folder / "queued").exists():
                    return
            result = await run.result()
            found: dict[str, Any] = {"outputs": result.outputs, "cost": result.cost}
        except FlowError as error:
            found = error.to_json()
        except InputError as error:
            # Killed before the id was written down: a run that nobody knows of.
            found = {"error": str(error)}
            id_file.unlink(missing_ok=True)
        finally:
            await runs.aclose()
    unfinished = report.with_suffix(f".part-{os.getpid()}")
    unfinished.write_text(json.dumps(found))
    unfinished.replace(report)


@contextmanager
def a_process(folder: Path, database: str, url: str, seed: str, *more: str) -> Any:
    arguments = [str(folder), database, url, seed, *more]
    command = [sys.executable, "-m", "benchmarks.endure", "--perform", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def let_work(server: CountingServer, ended: Callable[[], bool], longest: float) -> None:
    """Wait until requests arrive, and then for a random moment more, or until all has ended."""
    before, until = server.served.total(), time.monotonic() + 30
    while not ended() and server.served.total() == before and time.monotonic() < until:
        time.sleep(0.005)
    until = time.monotonic() + random.uniform(0, longest)
    while not ended() and time.monotonic() < until:
        time.sleep(0.005)


def endured(
    server: CountingServer, folder: Path, database: str, seed: str, kills: int, longest: float
) -> dict[str, Any]:
    """Run a flow while killing it up to `kills` times; return what became of it."""
    killed = doubts = 0
    report = folder / REPORT
    while True:
        with a_process(folder, database, server.url, seed) as process:
            if killed < kills:
                let_work(server, lambda: process.poll() is not None, longest)
            else:
                process.wait(120)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
            elif process.returncode:
                raise RuntimeError(process.stderr.read().decode()[-3000:])
        if not report.exists():
            continue
        found: dict[str, Any] = json.loads(report.read_text())
        report.unlink()
        if "outputs" in found:
            return {**found, "killed": killed, "doubts": doubts}
        if found.get("status") != "in doubt":
            if "run" not in found:
                continue  # it was killed before it was stored
            raise RuntimeError(json.dumps(found)[:2000])
        doubts += len(found["doubts"])
        (folder / "retry").touch()


def endured_by_two(
    server: CountingServer, folder: Path, database: str, seed: str, kills: int
) -> dict[str, Any]:
    """Let two workers perform a queued run, and kill one of them now and then."""
    report, killed, doubts = folder / REPORT, 0, 0
    (folder / "queued").touch()
    with a_process(folder, database, server.url, seed) as process:
        process.wait(60)
    with ExitStack() as stack:

        def a_worker() -> Any:
            return stack.enter_context(a_process(folder, database, server.url, seed, "--wait"))

        workers = [a_worker(), a_worker()]
        while True:
            let_work(server, report.exists, 1.0)
            if not report.exists():
                if killed < kills:
                    which = random.randrange(2)
                    workers[which].send_signal(signal.SIGKILL)
                    workers[which].wait()
                    workers[which], killed = a_worker(), killed + 1
                continue
            found: dict[str, Any] = json.loads(report.read_text())
            if "outputs" in found:
                return {**found, "killed": killed, "doubts": doubts}
            if found.get("status") != "in doubt":
                raise RuntimeError(json.dumps(found)[:2000])
            doubts += len(found["doubts"])
            for worker in workers:
                worker.wait(30)
            report.unlink(missing_ok=True)
            (folder / "retry").touch()
            rest = endured(server, folder, database, seed, 0, 0)
            return {**rest, "killed": killed, "doubts": doubts + rest["doubts"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--perform", nargs=4, metavar=("FOLDER", "DATABASE", "URL", "SEED"))
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--a-run", type=int, default=8, help="kills of one run at most")
    parser.add_argument("--two", action="store_true", help="two workers, one of them killed")
    parser.add_argument("--database", default="", help="a URL of PostgreSQL; else SQLite")
    parser.add_argument("--latency", type=float, default=0.05)
    args = parser.parse_args()
    if args.perform:
        folder, database, url, seed = args.perform
        asyncio.run(perform(Path(folder), database, url, seed, args.wait))
        return 0
    server = CountingServer(args.latency).start()
    killed = doubts = wrong = repeated = runs = 0
    with tempfile.TemporaryDirectory(prefix="endure-") as root:
        while killed < args.kills:
            seed, runs = f"seed {runs}", runs + 1
            plain, folder = Path(root, f"plain-{runs}"), Path(root, f"killed-{runs}")
            plain.mkdir()
            folder.mkdir()
            expected = endured(server, plain, str(plain / "runs.sqlite3"), seed, 0, 0)
            alone = server.served.copy()
            server.served.clear()
            database = args.database or str(folder / "runs.sqlite3")
            most = min(args.a_run, args.kills - killed)
            if args.two:
                found = endured_by_two(server, folder, database, seed, most)
            else:
                found = endured(server, folder, database, seed, most, 1.0)
            again = sum((server.served - alone).values())
            lost = sum((alone - server.served).values())
            server.served.clear()
            killed, doubts = killed + found["killed"], doubts + found["doubts"]
            is_wrong = found["outputs"] != expected["outputs"] or lost > 0
            is_wrong = is_wrong or again > found["doubts"]
            wrong += is_wrong
            repeated += again
            print(
                f"run {runs}: {found['killed']} kills, {found['doubts']} requests in doubt, "
                f"{again} requests served twice, {'WRONG' if is_wrong else 'equal'}, "
                f"cost {found['cost']:.3f} of {expected['cost']:.3f}",
                flush=True,
            )
    print(f"{killed} kills of {runs} runs: {wrong} wrong, {repeated} served twice, {doubts} doubts")
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", os.pathsep.join(sys.path))
    raise SystemExit(main())
