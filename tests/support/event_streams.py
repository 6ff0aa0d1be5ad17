"""Streams of events that say the same, each in another way that the standard or servers have."""

from __future__ import annotations

import json
from typing import Any

from support.scripted_server import delta

ENDS = ["\n", "\r\n", "\r"]
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.25}
CHUNKS = (delta("Hel"), delta("lo ü🙂"), delta(None, "stop", usage=USAGE))


def over_lines(value: Any, end: str) -> str:
    """Write JSON as an event of many `data:` lines."""
    lines = json.dumps(value, ensure_ascii=False, indent=1).split("\n")
    return "".join(f"data: {line}{end}" for line in lines) + end


def body(end: str = "\n", *, write: Any = None, done: bool = True) -> bytes:
    write = write or (lambda value, end: f"data: {json.dumps(value, ensure_ascii=False)}{end}{end}")
    frames = [write(chunk, end) for chunk in CHUNKS]
    return "".join([*frames, f"data: [DONE]{end}{end}" if done else ""]).encode()


GOOD: dict[str, bytes] = {
    "a byte order mark": b"\xef\xbb\xbf" + body(),
    "CR": body("\r"),
    "CRLF": body("\r\n"),
    "data over many lines": body(write=over_lines),
    "data over many lines, CR": body("\r", write=over_lines),
    "empty data": b"data:\n\ndata\n\ndata: \n\n" + body(),
    "other fields": b"\n\n:\n: hi\nevent: x\nid: 1\nretry: 5\nunknown\nx: y\n\n" + body(),
    "no blank line between events": body().replace(b"\n\n", b"\n"),
    "no end of the last line": body(done=False).rstrip(b"\n"),
    "no space after the colon": body().replace(b"data: ", b"data:"),
}
