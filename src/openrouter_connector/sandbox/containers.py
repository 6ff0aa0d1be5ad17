"""The container of the server tools, with the files that they made in it."""

from __future__ import annotations

from functools import cache

from openrouter_connector.values import JsonObject

from .state import File

CONTAINER = "cntr_sandbox0001"
_FILES = {
    "cfile_sandbox0001": ("/mnt/data/boats.csv", b"month,boats\nJanuary,3\nFebruary,5\n"),
    "cfile_sandbox0002": ("/mnt/data/report.txt", b"Eight boats in two months.\n"),
}


@cache
def container_files(key: str) -> dict[str, File]:
    """Return the files in the container of a key, by id."""
    return {name: File(_record(name), content) for name, (_, content) in _FILES.items()}


def _record(name: str) -> JsonObject:
    path, content = _FILES[name]
    return {
        "id": name,
        "object": "container.file",
        "container_id": CONTAINER,
        "path": path,
        "bytes": len(content),
        "created_at": 1_790_000_000,
        "source": "assistant",
    }
