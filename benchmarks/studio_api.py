"""A loopback API for the measurements of the Studio: 400 models, and answers that tell the time.

/api/v1/models             400 models, as in benchmarks/server.py
/api/v1/chat/completions   at once; for a prompt with `slowly`, a chunk every 20 ms for 2 seconds,
                           whose text is the millisecond at which it was sent
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .server import _chunk, _completion, _models

CHUNKS = 100
EVERY = 0.02  # seconds
_MODELS = _models()


def main() -> None:
    """Print a free port, and serve on it until the process is terminated."""
    routes = [
        Route("/api/v1/models", lambda _: Response(_MODELS, media_type="application/json")),
        Route("/api/v1/chat/completions", _complete, methods=["POST"]),
        Route("/api/v1/key", lambda _: JSONResponse({"data": {"label": "benchmark"}})),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        server.run([listening])


async def _complete(request: Request) -> Response:
    body = await request.json()
    is_slow = "slowly" in json.dumps(body["messages"])
    if not body.get("stream"):
        return JSONResponse(_completion())
    return StreamingResponse(_chunks(CHUNKS if is_slow else 3), media_type="text/event-stream")


async def _chunks(count: int) -> AsyncIterator[bytes]:
    for number in range(count):
        if count == CHUNKS:
            await asyncio.sleep(EVERY)
        event = _chunk(f"{time.time_ns() // 1_000_000} ", "stop" if number == count - 1 else None)
        if number < count - 1:
            del event["usage"]
        yield b"data: " + json.dumps(event).encode() + b"\n\n"
    yield b"data: [DONE]\n\n"


if __name__ == "__main__":
    main()
