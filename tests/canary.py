"""A token that must be nowhere, and servers that do all they can to let it out."""

from __future__ import annotations

import json
from pathlib import Path

from scripted import CLOSES, HANGS, RESETS, Answer, completion, delta, events, reply

CANARY = "sk-or-v1-c4n4ry0f7h3m1n3"
ECHO = f"you sent Authorization: Bearer {CANARY}"
FAILED = {"code": 500, "message": ECHO, "metadata": {"raw": ECHO, "provider_name": CANARY}}

ANSWERS: dict[str, Answer] = {
    "success": reply(completion("Hello")),
    "success that echoes": reply(completion(ECHO, provider=CANARY, model=CANARY)),
    "a stream": events(delta("Hello"), delta("", "stop")),
    "a stream that echoes": events(delta(ECHO), delta("", "stop", provider=CANARY)),
    "a stream that fails": events(delta(ECHO), delta("", "error", error=FAILED)),
    "a stream that is none": events(f"data: {{{CANARY}\n\n"),
    "ok with an error": reply({"error": FAILED, "choices": None}),
    "ok with an echo of another shape": reply({"headers": {"authorization": CANARY}}),
    "ok with a page": reply(f"<html>{CANARY}</html>", kind="text/html"),
    "ok with half a JSON": reply(f'{{"id": "{CANARY}'),
    "ok with a text": reply(json.dumps(CANARY)),
    **{
        str(code): reply({"error": FAILED | {"code": code}}, code, headers={"Retry-After": "0"})
        for code in (400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 524)
    },
    "an echo as text": reply(ECHO, 400, kind="text/plain"),
    "an echo in a detail": reply({"detail": ECHO}, 422),
    "an echo in JSON in a text": reply({"error": {"message": json.dumps([FAILED])}}, 400),
    "an echo in a header": reply({}, 400, headers={"X-Generation-Id": CANARY}),
    "an echo in a good header": reply(completion(), headers={"X-Generation-Id": CANARY}),
    "a redirect": reply(b"", 302, headers={"Location": f"https://x.example/{CANARY}?t={CANARY}"}),
    "no answer": CLOSES,
    "a reset": RESETS,
    "silence": HANGS,
    "no HTTP": Answer((b"220 mail.example ESMTP\r\n",), then="close"),
    "a transfer that breaks": reply(completion(), headers={"Content-Length": "9999"}, then="close"),
    "what is packed wrongly": reply(ECHO, headers={"Content-Encoding": "gzip"}),
}

QUICK = {
    name: ANSWERS[name]
    for name in (
        *("success that echoes", "a stream that echoes", "a stream that fails", "ok with an error"),
        *(
            "ok with an echo of another shape",
            "ok with a page",
            "ok with half a JSON",
            "401",
            "404",
        ),
        *("an echo as text", "an echo in a detail", "an echo in JSON in a text"),
        *("an echo in a header", "an echo in a good header", "a redirect"),
        *("a transfer that breaks", "what is packed wrongly"),
    )
}
"""Those after which nothing is waited for."""


def hidden_in(folder: Path) -> list[Path]:
    """Give the files below a folder that hold the canary, or are called by it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if CANARY.encode() in path.read_bytes() or CANARY in str(path)]
