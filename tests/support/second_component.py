"""A component of another API, in YAML alone (`tests/components/paperworks`), and its server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

from openrouter_connector import Connector
from support.scripted_server import (
    Answer,
    Received,
    Scripted,
    completion,
    delta,
    events,
    response,
    scripted,
)

KEY = "pw_0123456789abcdef"
FOLDER = Path(__file__).parents[1] / "components" / "paperworks"
BASE_URL = "https://api.paperworks.example/v2"
PDF = b"%PDF-1.4 a book"
OTHER_BRAND = re.compile(r"openrouter(?![-_]connector)(?!://)|sk-or-", re.IGNORECASE)
"""What no text about another API may hold; our package's name and MCP's URI scheme are allowed."""


@dataclass(frozen=True)
class Paperworks:
    """The component in a folder of its own, which leads to a server on this machine."""

    folder: Path
    connector: Connector
    server: Scripted

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/v2"

    def sent(self, path: str) -> list[Received]:
        """Return the requests to a path."""
        return [one for one in self.server.requests if one.path == f"/v2{path}"]


@contextmanager
def paperworks(folder: Path) -> Iterator[Paperworks]:
    """Serve the other API, and write a component that leads there."""
    with scripted(_Server().answer) as server:
        copytree(FOLDER, folder)
        file = folder / "connector.yaml"
        own = f"http://127.0.0.1:{server.port}/v2"
        file.write_text(file.read_text().replace(BASE_URL, own))
        yield Paperworks(folder, Connector.load(folder, cache=False), server)


class _Server:
    """The other API: its key is in a header of its own, and its errors are a list."""

    def __init__(self) -> None:
        self._asked = 0

    def answer(self, asked: Received) -> Answer:
        if asked.headers.get("x-api-key") != KEY:
            return _refusal(401, "key_unknown", "Nobody has this key.")
        place = f"{asked.method} {asked.path.removeprefix('/v2')}"
        if place == "POST /notes":
            return self._note(asked)
        if place == "POST /chat" and asked.json["messages"][0]["content"] == "Fail?":
            fault = {"errors": [{"code": "ink_empty", "detail": "The ink is empty."}]}
            return events(delta("Half"), fault) if asked.json.get("stream") else response(fault)
        if place == "POST /chat":
            if asked.json.get("stream"):
                return events(delta("On "), delta("paper."), delta(finish="stop"))
            return response(completion("On paper.", usage=None))
        if place == "GET /books/7":
            self._asked += 1
            state = "bound" if self._asked > 1 else "drying"
            return response({"number": "7", "state": state})
        if place == "GET /books/7/pages":
            return response(PDF, kind="application/pdf")
        return _PLAIN.get(place) or _refusal(404, "no_such_place", f"No {place}.")

    def _note(self, asked: Received) -> Answer:
        if asked.json["style"] not in ("serif", "sans"):
            return _refusal(422, "style_unknown", "There is no such style.")
        return response({"note": {"place": "tray 2"}}, headers={"X-Request-Id": "note-1"})


_STYLES = [{"code": "serif", "title": "Serif"}, {"code": "sans", "title": "Sans"}]
_PLAIN = {
    "GET /me": response({"account": "mine"}),
    "GET /styles": response({"styles": _STYLES}),
    "POST /documents": response({"number": "doc-1"}),
    "POST /books": response({"number": "7", "state": "drying"}),
}


def _refusal(status: int, code: str, detail: str) -> Answer:
    return response({"errors": [{"code": code, "detail": detail}]}, status)
