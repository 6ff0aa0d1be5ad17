"""Files on their way in and out of a run: loaded from parameters, stored from replies."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Iterable
from functools import partial

from ..definition.model import FileOutput, Pcm, Property
from ..errors import IncompleteError
from ..values import FileEntry, Json, JsonObject
from . import media
from .dialects.failures import plain
from .reply import Reply
from .response import InlineFile
from .store import FileStore


async def load_files(
    properties: Iterable[Property],
    values: JsonObject,
    store: FileStore,
    prefix: str = "",
    *,
    prompt: bool = False,
) -> JsonObject:
    """Give the values with each FILE_ENTRY loaded. FileError names the property.

    A text file is read where a hook makes a `prompt` of it, which is what becomes of properties
    that are not sent by themselves. Any other file is only opened when it is sent.
    """
    loaded = dict(values)
    for prop in properties:
        name = prop.name or ""
        if (value := values.get(name)) is not None:
            loaded[name] = await _loaded(prop, value, store, f"{prefix}{name}", prompt)
    return loaded


async def _loaded(prop: Property, value: Json, store: FileStore, path: str, prompt: bool) -> Json:
    prompt = prompt or prop.send is False
    if prop.type == "FILE_ENTRY":
        return await store.load(value, path, prop.accept, prompt=prompt)
    if prop.items and isinstance(value, list):
        return [
            await _loaded(prop.items, item, store, f"{path}[{i}]", prompt)
            for i, item in enumerate(value)
        ]
    if prop.properties and isinstance(value, dict):
        return await load_files(prop.properties, value, store, f"{path}.", prompt=prompt)
    return value


async def store_body(
    file: FileOutput, reply: Reply, values: JsonObject, store: FileStore
) -> FileEntry:
    """Stream a reply that is a file into the store. IncompleteError when it is none."""
    kind = reply.content_type
    if not file.text and (kind.startswith("text/") or kind.endswith(("json", "xml"))):
        answer = plain(await reply.json())
        raise IncompleteError("the answer is not a file", status=200, raw=answer)
    told = "" if kind == "application/octet-stream" else media.extension(None, "", kind)
    came = told or None
    wanted = values.get(file.extension or "")
    if wanted == "wav" and file.pcm and came in (None, "pcm"):
        header = partial(wav_header, file.pcm)
        chunks = _filled(reply.chunks())
        return await store.put(chunks, file.name, "audio/wav", extension="wav", header=header)
    known = came or wanted
    mime_type = media.mime_type(known) if known else None
    name = reply.filename or file.name
    return await store.put(_filled(reply.chunks()), name, mime_type, extension=known)


async def store_files(
    file: FileOutput, found: list[InlineFile], store: FileStore
) -> list[FileEntry]:
    """Store the files that came inside a JSON reply."""
    return [await store.put(one.content, file.name, one.mime_type) for one in found]


def wav_header(pcm: Pcm, size: int) -> bytes:
    """Give the 44 bytes that make `size` bytes of samples a WAV file (RIFF, format 1)."""
    frame = pcm.channels * pcm.width
    form = struct.pack("<HHIIHH", 1, pcm.channels, pcm.rate, pcm.rate * frame, frame, pcm.width * 8)
    return (
        struct.pack("<4sI4s4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", len(form))
        + form
        + struct.pack("<4sI", b"data", size)
    )


async def _filled(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass a body on, and refuse one that is empty."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        yield chunk
    if not size:
        raise IncompleteError("the answer is empty", status=200)
