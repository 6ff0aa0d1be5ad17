"""Messages over stdin and stdout, of which every request is answered.

The SDK drops a line that it cannot read, and the host waits for good. Here such a line is answered
with the error of JSON-RPC that says why; what can be read goes on to the SDK.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import BufferedReader
from typing import Any, TypeAlias, cast

import anyio
from anyio.to_thread import run_sync
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp_types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)

from ...values import Json

LARGEST = 64 * 1024 * 1024  # bytes of a line

_Id: TypeAlias = str | int | None
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}:,]|[^\s\[\]{}:,"]+')


@asynccontextmanager
async def stdio() -> AsyncIterator[tuple[Any, Any]]:
    """Yield the stream of what the host says, and the stream of what it is told."""
    lines = _Lines(_own_stdin())
    async with stdio_server(stdin=cast("anyio.AsyncFile[str]", lines)) as (incoming, outgoing):
        lines.outgoing = outgoing
        lines.ready.set()
        yield incoming, outgoing


def faults(line: str) -> list[JSONRPCError]:
    """Return the errors by which a line is answered; none for one that the SDK can read."""
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        return list(_faults(line))
    # A request whose id is none passes for a notification.
    unsure = isinstance(message, JSONRPCNotification) and '"id"' in line
    return list(_faults(line)) if unsure and "id" in json.loads(line) else []


def _faults(line: str) -> Iterator[JSONRPCError]:
    try:
        message = json.loads(line, parse_int=_int)
    except RecursionError:
        yield _error(INVALID_REQUEST, "the message is nested too deeply", _first_id(line))
    except ValueError as error:
        yield _error(PARSE_ERROR, f"the line is not JSON: {error}")
    else:
        if isinstance(message, list) and message:
            for one in message:
                if not isinstance(one, dict) or _wants_answer(one):
                    yield _error(INVALID_REQUEST, "send one message a line, not a batch", _id(one))
        elif not isinstance(message, dict):
            yield _error(INVALID_REQUEST, "a message is a JSON object")
        elif _wants_answer(message):
            yield _error(*_fault(message), _id(message))


def _int(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # thousands of digits, which the SDK does not read either
        return 0


def _fault(message: dict[str, Json]) -> tuple[int, str]:
    if message.get("jsonrpc") != "2.0":
        return INVALID_REQUEST, 'the message has no "jsonrpc": "2.0"'
    if not isinstance(message.get("method"), str):
        return INVALID_REQUEST, "the message has no method"
    if "id" in message and _id(message) is None:
        return INVALID_REQUEST, "the id of a request is a text or a whole number"
    if not isinstance(message.get("params", {}), dict):
        return INVALID_PARAMS, "params is a JSON object"
    return INVALID_PARAMS, (
        "the message cannot be read: it is nested too deeply, holds half of a character (a lone "
        "surrogate), or a number of thousands of digits"
    )


def _wants_answer(message: dict[str, Json]) -> bool:
    """Tell a request, and what may have been meant as one, from a notification or a response."""
    if "result" in message or "error" in message:
        return False
    return "id" in message or not isinstance(message.get("method"), str)


def _id(message: Json) -> _Id:
    found = message.get("id") if isinstance(message, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    # The SDK writes UTF-8, and a number that a host can read.
    return None if isinstance(found, str) and not _is_text(found) else found


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode()) or not text
    except UnicodeEncodeError:
        return False


def _first_id(line: str) -> _Id:
    """Find the id of a message that is nested too deeply to be parsed."""
    depth, before = 0, ["", ""]
    for token in _TOKEN.finditer(line):
        word = token[0]
        if depth == 1 and before == ['"id"', ":"]:
            try:
                return _id({"id": json.loads(word)})
            except (ValueError, RecursionError):
                return None
        depth += (word in "{[") - (word in "}]")
        before = [before[1], word]
    return None


def _error(code: int, why: str, id: _Id = None) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=id, error=ErrorData(code=code, message=why))


class _Lines:
    """The lines of stdin that the SDK can read; the others are answered here."""

    def __init__(self, stdin: BufferedReader) -> None:
        self._stdin = stdin
        self.ready = anyio.Event()
        self.outgoing: Any = None

    async def __aiter__(self) -> AsyncIterator[str]:
        await self.ready.wait()
        while (read := await run_sync(self._next)) is not None:
            line, errors = read
            for error in errors:
                await self.outgoing.send(SessionMessage(error))
            if not errors and line.strip():
                yield line

    def _next(self) -> tuple[str, list[JSONRPCError]] | None:
        """Read a line, and what is wrong with it; None at the end."""
        line = rest = self._stdin.readline(LARGEST + 1)
        if len(line) > LARGEST:
            while rest and not rest.endswith(b"\n"):
                rest = self._stdin.readline(LARGEST)
            return "", [_error(INVALID_REQUEST, f"a line has up to {LARGEST} bytes")]
        text = line.decode("utf-8-sig", "replace")
        return (text, faults(text) if text.strip() else []) if line else None


def _own_stdin() -> BufferedReader:
    """Take stdin for ourselves: what else reads from it, such as a child, finds its end."""
    wire = os.dup(sys.stdin.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    return os.fdopen(wire, "rb", closefd=False)
