"""Store the list in a response as a JSONL file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ...values import FileEntry, JsonObject
from ..http.list_reader import ItemFile, read_list
from ..http.response import Response
from .store import FileStore

JSONL = "application/jsonl"


class StoredList(NamedTuple):
    """A response without its list, which is in a file."""

    rest: JsonObject
    """With the FILE_ENTRY in place of the list; null where the list is empty or missing."""
    files: tuple[FileEntry, ...]


async def store_list(response: Response, key: str, store: FileStore, name: str) -> StoredList:
    """Read a response, and store the items of the list under `key`, one per line.

    IncompleteError as `read_list` raises it; StoreError if the file cannot be stored.
    """
    with TemporaryDirectory(prefix="openrouter-connector-") as folder:
        items = ItemFile(Path(folder, "items.jsonl"))
        rest = await read_list(response, key, items, store.largest)
        if not items.places:
            return StoredList({**rest, key: None}, ())
        entry = await store.put(items.path, name, JSONL, extension="jsonl")
        return StoredList({**rest, key: entry.to_json()}, (entry,))
