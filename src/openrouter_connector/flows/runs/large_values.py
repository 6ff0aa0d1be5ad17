"""Keep large values out of the database: they lie in the file store, and a reference is recorded.

{"output": "…50 MB…"}   ──pack──▶   {"$file": "file:///…/value.json"}
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from ...errors import FileError
from ...runtime.files.store import FileStore
from ...values import Json

LARGEST_INLINE = 64 * 1024
"""Characters of JSON that the database holds for one value."""
_KEY = "$file"


async def pack(value: Json, files: FileStore) -> Json:
    """Return the value, or a reference to a file that holds it as JSON."""
    if not _may_be_large(value):
        return value
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A value that looks like a reference must not be taken for one.
    if len(text) <= LARGEST_INLINE and not _is_reference(value):
        return value
    entry = await files.put(text.encode(errors="surrogatepass"), "value.json", "application/json")
    return {_KEY: entry.url}


async def unpack(value: Json, files: FileStore) -> Json:
    """Return the value of a reference. FileError if its file is gone."""
    if not _is_reference(value):
        return value
    return json.loads((await read_file(value[_KEY], files)).decode(errors="surrogatepass"))


async def read_file(url: str, files: FileStore) -> bytes:
    """Return the content of a file that was recorded."""
    return b"".join([chunk async for chunk in open_file(url, files)])


async def open_file(url: str, files: FileStore) -> AsyncIterator[bytes]:
    """Yield the content of a file that was recorded. FileError if it is gone."""
    file_id = files.id_of(url)
    found = await files.find(file_id) if file_id else None
    if found is None:
        raise FileError(f"a value of this run was kept in {url}, which is gone")
    async for chunk in found.open():
        yield chunk


def file_of(value: Json) -> str | None:
    """Return the URL of the file that holds a value; None for a value that is none."""
    return str(value[_KEY]) if _is_reference(value) else None


def _is_reference(value: Json) -> bool:
    return isinstance(value, dict) and value.keys() == {_KEY}


def _may_be_large(value: Json) -> bool:
    """Return whether it is worth measuring: most outputs are short texts."""
    return not (value is None or isinstance(value, bool | int | float)) and (
        not isinstance(value, str) or len(value) > LARGEST_INLINE
    )
