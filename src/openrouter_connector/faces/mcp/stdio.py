"""Exchange messages over stdin and stdout, and answer every request.

The SDK drops a line that it cannot parse, and the host waits forever. Here such a line is answered
with a JSON-RPC error that says why; all others are passed on to the SDK.
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

LARGEST_LINE = 64 * 1024 * 1024  # bytes

_Id: TypeAlias = str | int | None
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}:,]|[^\s\[\]{}:,"]+')


@asynccontextmanager
async def stdio() -> AsyncIterator[tuple[Any, Any]]:
    """Yield the stream of messages from the host, and the stream of messages to it."""
    lines = _Lines(_take_stdin())
    async with stdio_server(stdin=cast("anyio.AsyncFile[str]", lines)) as (incoming, outgoing):
        lines.outgoing = outgoing
        lines.ready.set()
        yield incoming, outgoing


def line_errors(line: str) -> list[JSONRPCError]:
    """Return the errors to answer a line with; none for a line that the SDK can parse."""
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        return list(_errors_in(line))
    # The SDK takes a request with an invalid id for a notification, and never answers.
    unsure = isinstance(message, JSONRPCNotification) and '"id"' in line
    return list(_errors_in(line)) if unsure and "id" in json.loads(line) else []


def _errors_in(line: str) -> Iterator[JSONRPCError]:
    try:
        message = json.loads(line, parse_int=_int)
    except RecursionError:
        yield _error(INVALID_REQUEST, "the message is nested too deeply", _first_id(line))
    except ValueError as error:
        yield _error(PARSE_ERROR, f"the line is not JSON: {error}")
    else:
        if isinstance(message, list) and message:
            for item in message:
                if not isinstance(item, dict) or _expects_answer(item):
                    yield _error(INVALID_REQUEST, "send one message per line, no batch", _id(item))
        elif not isinstance(message, dict):
            yield _error(INVALID_REQUEST, "a message must be a JSON object")
        elif _expects_answer(message):
            yield _error(*_problem(message), _id(message))


def _int(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # Python refuses thousands of digits, and so does the SDK
        return 0


def _problem(message: dict[str, Json]) -> tuple[int, str]:
    if message.get("jsonrpc") != "2.0":
        return INVALID_REQUEST, 'the message has no "jsonrpc": "2.0"'
    if not isinstance(message.get("method"), str):
        return INVALID_REQUEST, "the message has no method"
    if "id" in message and _id(message) is None:
        return INVALID_REQUEST, "the id of a request must be a string or an integer"
    if not isinstance(message.get("params", {}), dict):
        return INVALID_PARAMS, "params must be a JSON object"
    return INVALID_PARAMS, (
        "the message cannot be parsed: it is nested too deeply, or holds a lone surrogate or a "
        "number of thousands of digits"
    )


def _expects_answer(message: dict[str, Json]) -> bool:
    """Return whether a message is a request, or may be meant as one."""
    if "result" in message or "error" in message:
        return False
    return "id" in message or not isinstance(message.get("method"), str)


def _id(message: Json) -> _Id:
    id = message.get("id") if isinstance(message, dict) else None
    if isinstance(id, bool) or not isinstance(id, str | int):
        return None
    # A lone surrogate cannot be written as UTF-8, so it cannot be sent back.
    return None if isinstance(id, str) and not _is_encodable(id) else id


def _is_encodable(text: str) -> bool:
    try:
        return bool(text.encode()) or not text
    except UnicodeEncodeError:
        return False


def _first_id(line: str) -> _Id:
    """Return the id of a message that is nested too deeply to be parsed."""
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


def _error(code: int, message: str, id: _Id = None) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=id, error=ErrorData(code=code, message=message))


class _Lines:
    """Yields the lines of stdin that the SDK can parse, and answers the others."""

    def __init__(self, stdin: BufferedReader) -> None:
        self._stdin = stdin
        self.ready = anyio.Event()
        self.outgoing: Any = None

    async def __aiter__(self) -> AsyncIterator[str]:
        await self.ready.wait()
        while (next_line := await run_sync(self._next)) is not None:
            line, errors = next_line
            for error in errors:
                await self.outgoing.send(SessionMessage(error))
            if not errors and line.strip():
                yield line

    def _next(self) -> tuple[str, list[JSONRPCError]] | None:
        """Return the next line and its errors; None at the end."""
        line = rest = self._stdin.readline(LARGEST_LINE + 1)
        if len(line) > LARGEST_LINE:
            while rest and not rest.endswith(b"\n"):
                rest = self._stdin.readline(LARGEST_LINE)
            return "", [
                _error(INVALID_REQUEST, f"the line is too long; the limit is {LARGEST_LINE} bytes")
            ]
        text = line.decode("utf-8-sig", "replace")
        return (text, line_errors(text) if text.strip() else []) if line else None


def _take_stdin() -> BufferedReader:
    """Return stdin, and leave an empty one behind: a child process must not read our messages."""
    ours = os.dup(sys.stdin.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    return os.fdopen(ours, "rb", closefd=False)
