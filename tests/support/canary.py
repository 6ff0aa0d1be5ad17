"""A token that must be nowhere, and servers that do all they can to let it out."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from itertools import product
from pathlib import Path
from urllib.parse import unquote

from support.scripted_server import (
    CLOSES,
    HANGS,
    RESETS,
    Answer,
    completion,
    delta,
    events,
    response,
)

CANARY = "sk-or-v1-c4n4ry0f7h3m1n3w41k5bl1ndly1n70d4rkn355"
ECHO = f"you sent Authorization: Bearer {CANARY}"
FAILED = {"code": 500, "message": ECHO, "metadata": {"raw": ECHO, "provider_name": CANARY}}

BASE64 = b64encode(f"Bearer {CANARY}".encode()).decode()
PERCENT_ENCODED = "".join(f"%{ord(letter):02X}" for letter in CANARY)
JSON_ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in CANARY)

ANSWERS: dict[str, Answer] = {
    "success": response(completion("Hello")),
    "success that echoes": response(completion(ECHO, provider=CANARY, model=CANARY)),
    "a stream": events(delta("Hello"), delta("", "stop")),
    "a stream that echoes": events(delta(ECHO), delta("", "stop", provider=CANARY)),
    "a stream that fails": events(delta(ECHO), delta("", "error", error=FAILED)),
    "a stream that is none": events(f"data: {{{CANARY}\n\n"),
    "ok with an error": response({"error": FAILED, "choices": None}),
    "ok with an echo of another shape": response({"headers": {"authorization": CANARY}}),
    "ok with a page": response(f"<html>{CANARY}</html>", kind="text/html"),
    "ok with half a JSON": response(f'{{"id": "{CANARY}'),
    "ok with a text": response(json.dumps(CANARY)),
    **{
        str(code): response({"error": FAILED | {"code": code}}, code, headers={"Retry-After": "0"})
        for code in (400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 524)
    },
    "an echo as text": response(ECHO, 400, kind="text/plain"),
    "an echo in a detail": response({"detail": ECHO}, 422),
    "an echo in JSON in a text": response({"error": {"message": json.dumps([FAILED])}}, 400),
    "an echo in a header": response({}, 400, headers={"X-Generation-Id": CANARY}),
    "an echo in a good header": response(completion(), headers={"X-Generation-Id": CANARY}),
    "a redirect": response(
        b"", 302, headers={"Location": f"https://x.example/{CANARY}?t={CANARY}"}
    ),
    "no answer": CLOSES,
    "a reset": RESETS,
    "silence": HANGS,
    "no HTTP": Answer((b"220 mail.example ESMTP\r\n",), then="close"),
    "a transfer that breaks": response(
        completion(), headers={"Content-Length": "9999"}, then="close"
    ),
    "what is packed wrongly": response(ECHO, headers={"Content-Encoding": "gzip"}),
    "an echo in place of HTTP": Answer(
        (f"Authorization: Bearer {CANARY}\r\n\r\n".encode(),), "close"
    ),
    "a broken header": Answer(
        (f"HTTP/1.1 200 OK\r\nX-Echo Bearer {CANARY}\r\n\r\n".encode(),), "close"
    ),
    "an echo in escapes": response(f'{{"error": {{"message": "no {JSON_ESCAPED}"}}}}', 400),
    "an echo in base64": response({"error": {"message": BASE64}}, 400),
    "an echo in a URL": response({"error": {"message": PERCENT_ENCODED}}, 422),
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
        *("an echo in place of HTTP", "a broken header", "an echo in escapes"),
        *("an echo in base64", "an echo in a URL"),
    )
}
"""Those after which nothing is waited for."""


def _every(number: int, escape: Callable[[str], str]) -> str:
    """Escape every so-manieth letter of the canary."""
    return "".join(
        escape(letter) if place % number == 0 else letter for place, letter in enumerate(CANARY)
    )


SPELLINGS: dict[str, str] = {
    "plain": CANARY,
    "in capitals": CANARY.upper(),
    "JSON": JSON_ESCAPED,
    "JSON in JSON": _every(1, lambda letter: f"\\\\u{ord(letter):04X}"),
    "JSON in part": _every(5, lambda letter: f"\\u{ord(letter):04X}"),
    "URL": PERCENT_ENCODED,
    "URL in part": _every(4, lambda letter: f"%{ord(letter):02x}"),
    "URL twice": _every(3, lambda letter: f"%25{ord(letter):02x}"),
    "HTML": _every(1, lambda letter: f"&#{ord(letter)};"),
    "HTML in hex": _every(2, lambda letter: f"&#x{ord(letter):x};"),
    "hex": CANARY.encode().hex(),
    "base64": b64encode(CANARY.encode()).decode(),
    "base64 of the header": BASE64,
    "base64 without padding": b64encode(f"Bearer {CANARY}!".encode()).decode().rstrip("="),
    "base64url": urlsafe_b64encode(f"x:{CANARY}".encode()).decode(),
    "two lines": f"{CANARY[:20]}\\n  {CANARY[20:]}",
    "cut off": CANARY[:-9],
}
"""How a server may write the canary in a text of JSON."""


def _raw(head: str, *, then: str = "") -> Answer:
    return Answer((f"{head}\r\n{then}".encode(),), "close")


PLACES: dict[str, Callable[[str], Answer]] = {
    "status line": lambda key: _raw(f"Authorization: Bearer {key}\r\n"),
    "header without a colon": lambda key: _raw(f"HTTP/1.1 200 OK\r\nX-Echo {key}\r\n"),
    "cut headers": lambda key: _raw(f"HTTP/1.1 502 Bad Gateway\r\nX-Echo: {key}\r\nX-"),
    "length": lambda key: _raw(f"HTTP/1.1 200 OK\r\nContent-Length: {key}\r\n", then="{}"),
    "chunk": lambda key: _raw(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", then=f"{key}\r\n"
    ),
    "generation": lambda key: response(completion(), headers={"X-Generation-Id": key}),
    "kind": lambda key: response(completion(), kind=f"application/{key}"),
    "message": lambda key: response(
        f'{{"error": {{"message": "no {key}", "code": "{key}"}}}}', 400
    ),
    "provider": lambda key: response(
        f'{{"error": {{"metadata": {{"provider_name": "{key}"}}}}}}', 403
    ),
    "text": lambda key: response(f"you sent {key}", 401, kind="text/plain"),
    "cut body": lambda key: response(f'{{"error": "{key}'),
    "page": lambda key: response(f"<html>{key}</html>", 404, kind="text/html"),
    "answer": lambda key: response(json.dumps(completion("%")).replace("%", key)),
    "event": lambda key: events(f"data: {json.dumps(delta('%', 'stop')).replace('%', key)}\n\n"),
    "failed event": lambda key: events(f'data: {{"error": {{"message": "{key}"}}}}\n\n'),
    "event that is none": lambda key: events(f"data: {{{key}\n\n"),
    "redirect": lambda key: response(b"", 302, headers={"Location": f"https://x.example/{key}"}),
    "short body": lambda key: response(key, headers={"Content-Length": "9999"}, then="close"),
}

MALFORMED: list[tuple[str, Answer]] = [
    (f"{place}: {name}", answer(key))
    for (place, answer), (name, key) in product(PLACES.items(), SPELLINGS.items())
]
"""The canary in every spelling at every place."""


def holds_canary(text: str) -> bool:
    """Tell whether a text holds the canary, or a good part of it, in any of its spellings."""
    plain = re.sub(r"\\+u00(..)|\\+x(..)", lambda one: chr(int(one[1] or one[2], 16)), text)
    plain = html.unescape(unquote(unquote(plain)))
    joined = re.sub(r"(?:\\+[nr]|[\r\n])\s*", "", plain).lower()
    cores = (b64encode(bytes(before) + CANARY.encode())[4:-4] for before in range(3))
    return (
        any(half in joined for half in (CANARY[:20], CANARY[20:]))
        or CANARY.encode().hex()[:40] in joined
        or any(core.decode() in text.replace("-", "+").replace("_", "/") for core in cores)
    )


def hidden_in(folder: Path) -> list[Path]:
    """Give the files below a folder that hold the canary, or are called by it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        path
        for path in files
        if holds_canary(str(path)) or holds_canary(path.read_bytes().decode(errors="replace"))
    ]
