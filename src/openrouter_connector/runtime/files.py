"""Files on their way in and out of a run: loaded from parameters, stored from replies."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from functools import partial

from ..definition.fits import suits
from ..definition.model import FileOutput, Pcm, Property
from ..errors import FileError, IncompleteError
from ..values import FileEntry, Json, JsonObject, LoadedFile, is_url
from . import media
from .dialects.failures import plain
from .reply import Reply
from .response import InlineFile
from .store import FileStore


async def load_files(
    properties: Iterable[Property], values: JsonObject, store: FileStore
) -> JsonObject:
    """Give the values with each FILE_ENTRY loaded. FileError names the property.

    A text file is read where a hook makes a prompt of it, which is what becomes of properties
    that are not sent by themselves; a picture is made ready. Any other file is only opened when it
    is sent.
    """
    return await _Loading(values, store).members(properties, values, "", prompt=False)


@dataclass(frozen=True, slots=True)
class _Loading:
    """A walk over values, which loads the files among them."""

    given: JsonObject
    store: FileStore

    async def members(
        self, properties: Iterable[Property], values: JsonObject, prefix: str, *, prompt: bool
    ) -> JsonObject:
        loaded = dict(values)
        for prop in properties:
            name = prop.name or ""
            if isinstance(value := values.get(name), dict | list):  # all others hold no file
                inside = prompt or prop.send is False
                loaded[name] = await self.value(prop, value, f"{prefix}{name}", prompt=inside)
        return loaded

    async def value(self, prop: Property, value: Json, path: str, *, prompt: bool) -> Json:
        if prop.any_of:
            prop = next((one for one in prop.any_of if suits(one, value)), prop)
        if prop.type == "FILE_ENTRY":
            return await self.file(prop, value, path, prompt=prompt)
        if prop.items and isinstance(value, list):
            return [
                await self.value(prop.items, item, f"{path}[{i}]", prompt=prompt)
                for i, item in enumerate(value)
            ]
        if prop.properties and isinstance(value, dict):
            return await self.members(prop.properties, value, f"{path}.", prompt=prompt)
        if (named := prop.additional_properties) and isinstance(value, dict):
            return {
                key: await self.value(named, item, f"{path}.{key}", prompt=prompt)
                for key, item in value.items()
            }
        return value

    async def file(self, prop: Property, value: Json, path: str, *, prompt: bool) -> LoadedFile:
        if isinstance(value, LoadedFile):  # a part of a file, or one that was looked into before
            return value
        if prop.picture is None:
            return await self.store.load(value, path, prop.accept, prompt=prompt)
        from .pictures import prepare  # Pillow is heavy, and an extra

        # What a picture is, its content tells.
        file = await self.store.load(value, path, ())
        return await prepare(file, self.given[prop.picture.longest], path)


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


async def store_image(url: str, store: FileStore) -> FileEntry:
    """Store an image that an answer names by a `data:` or http(s) URL; FileError if that fails.

    A model wrote the URL, so a link must lead to a public address, whatever the store allows.
    """
    if url[:5].lower() == "data:":
        file = await store.load(FileEntry.of_url(url).to_json(), "image", ("image/*",))
        if not file.size:
            raise FileError("the image is empty")
        return await store.put(file.open(), "image", file.entry.mime_type)
    if not is_url(url):
        raise FileError("it is neither a data: URL nor an http(s) URL")
    from .download import download  # aiohttp is heavy, and few images come this way

    async with download(url, largest=store.largest, allow_private=False) as found:
        if not (found.mime_type or "").startswith("image/"):
            raise FileError("it is no image")
        return await store.put(found.chunks, "image", found.mime_type)


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
