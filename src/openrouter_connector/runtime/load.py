"""Files on their way in and out of a run: loaded from parameters, stored from replies."""

from __future__ import annotations

import struct
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from email.message import Message
from functools import partial
from re import fullmatch

from ..definition.fast_validation import is_valid
from ..definition.model import FileOutput, Pcm, Property
from ..errors import FileError, IncompleteError, StoreError
from ..values import FileEntry, Json, JsonObject, LoadedFile, is_url
from .dialects.error_bodies import plain
from .files import media_types
from .files.content import is_text
from .files.file_type import corrected
from .files.signatures import ENOUGH, signature
from .files.store import FileStore
from .http.response import Response
from .read import InlineFile

_HEAD = 4096  # bytes that tell what a reply is
_LARGEST_MESSAGE = 1024 * 1024  # bytes of a reply that is words, where a file was expected


async def load_files(
    properties: Iterable[Property], values: JsonObject, store: FileStore, *, heard: str = ""
) -> JsonObject:
    """Give the values with each FILE_ENTRY loaded. FileError names the property.

    No file may be empty, but that of the property `heard`, of which the listener says more.

    A text file is read where a hook makes a prompt of it, which is what becomes of properties
    that are not sent by themselves; a picture is made ready. Any other file is only opened when it
    is sent.
    """
    return await _Loading(values, store, heard).members(properties, values, "", prompt=False)


@dataclass(frozen=True, slots=True)
class _Loading:
    """A walk over values, which loads the files among them."""

    given: JsonObject
    store: FileStore
    heard: str

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
            prop = next((one for one in prop.any_of if is_valid(one, value)), prop)
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
        if prop.image is not None:
            from .images import prepare  # Pillow is heavy, and an extra

            # What a picture is, its content tells.
            file = await self.store.load(value, path, ())
            return await prepare(file, self.given[prop.image.max_side], path)
        accept = prop.accept or media_types.ANYTHING
        file = await self.store.load(value, path, accept, prompt=prompt)
        if not file.size and path != self.heard:
            raise FileError(f"{path}: {file.entry.name or 'the file'} is empty", path)
        return file


async def store_body(
    file: FileOutput,
    response: Response,
    values: JsonObject,
    store: FileStore,
    warnings: list[str] | None = None,
) -> FileEntry:
    """Stream a reply that is a file into the store; its content says what it is.

    `warnings` takes what the user should know of it. IncompleteError when it is no file, or empty.
    """
    async with aclosing(_begun(response.chunks())) as chunks:
        head = await anext(chunks)
        found = signature(head)
        if not file.allow_text and found is None and _is_message(response.content_type, head):
            answer = plain(await _json(response, head, chunks))
            raise IncompleteError("the answer is not a file", status=200, raw=answer)
        entry = _named(file, response, values, found)
        pcm = pcm_of(response.headers.get("content-type", ""), file.pcm)
        rescued = [] if warnings is None else warnings
        body = partial(store.put, _whole(head, chunks), rescued=rescued)
        if pcm and entry.extension in ("", "pcm") and values.get(file.extension or "") == "wav":
            header = partial(wav_header, pcm)
            return await body(file.name, "audio/wav", extension="wav", header=header)
        if pcm and pcm != file.pcm and entry.extension == "pcm":
            rescued.append(f"the samples have {pcm.rate} Hz and {pcm.channels} channel(s)")
        return await body(entry.name, entry.mime_type or None, extension=entry.extension or None)


async def store_files(
    file: FileOutput,
    found: list[InlineFile],
    store: FileStore,
    warnings: list[str] | None = None,
) -> list[FileEntry]:
    """Store the files that came inside a JSON reply; their content says what they are.

    IncompleteError for an empty one; a StoreError lists those that were stored before.
    """
    if not all(one.content for one in found):
        raise IncompleteError("a file in the reply is empty", status=200)
    stored: list[FileEntry] = []
    for one in found:
        told = media_types.canonical(one.mime_type)
        entry = FileEntry(media_types.extension(None, "", told), told, file.name, "")
        entry, _ = corrected(entry, signature(one.content[:ENOUGH]))
        kind, extension = entry.mime_type or None, entry.extension or None
        rescued = [] if warnings is None else warnings
        try:
            stored.append(
                await store.put(one.content, file.name, kind, extension=extension, rescued=rescued)
            )
        except StoreError as error:
            error.files = [one.to_json() for one in stored]
            raise
    return stored


def pcm_of(content_type: str, usual: Pcm | None) -> Pcm | None:
    """Return how raw samples are laid out: as their type says, `audio/L16;rate=24000`, or as usual.

    L16 has the high byte first (RFC 2586), but those who send it as speech send the low one first.
    """
    if usual is None:
        return None
    told = Message()
    told["Content-Type"] = content_type
    bits = fullmatch(r"l(8|16|24|32)", told.get_content_subtype())
    rate, channels = (_number(told.get_param(name)) for name in ("rate", "channels"))
    given = {"rate": rate, "channels": channels, "width": int(bits[1]) // 8 if bits else None}
    return usual.model_copy(update={key: value for key, value in given.items() if value})


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
    from .files.download import download  # aiohttp is heavy, and few images come this way

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


def _named(
    file: FileOutput, response: Response, values: JsonObject, found: str | None
) -> FileEntry:
    """Give name and type of a reply: by its content, its header, or what was asked for."""
    told = media_types.canonical(response.content_type)
    came = media_types.extension(None, "", told) if told else ""
    entry, _ = corrected(FileEntry(came, told, response.filename or file.name, ""), found)
    if entry.extension:
        return replace(entry, mime_type=entry.mime_type or media_types.mime_type(entry.extension))
    wanted = values.get(file.extension or "") or ""
    # Samples without a type are those that a WAV is made of.
    known = "pcm" if wanted == "wav" and file.pcm else wanted
    return replace(entry, extension=known, mime_type=media_types.mime_type(known) if known else "")


def _is_message(kind: str, head: bytes) -> bool:
    """Tell whether a reply is words, and no file: by its header, or by the look of it."""
    told = kind.startswith("text/") or kind.endswith(("json", "xml"))
    return told or (head.lstrip()[:1] in (b"{", b"[", b"<") and is_text(head, cut=True))


async def _json(response: Response, head: bytes, chunks: AsyncGenerator[bytes]) -> Json:
    parts = [head]
    async for chunk in chunks:
        parts.append(chunk)
        if sum(map(len, parts)) > _LARGEST_MESSAGE:
            raise IncompleteError("the answer is a long text, and not a file", status=200)
    return response.parsed(b"".join(parts))


async def _begun(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Pass a body on, with enough of it in the first chunk to tell what it is."""
    head = b""
    async for chunk in chunks:
        if len(head) < _HEAD:
            head += chunk
            if len(head) >= _HEAD:
                yield head
        else:
            yield chunk
    if not head:
        raise IncompleteError("the answer is empty", status=200)
    if len(head) < _HEAD:
        yield head


async def _whole(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk


def _number(value: Json) -> int | None:
    """Read a parameter of a MIME type as a count; None for what cannot stand in a WAV header."""
    text = value if isinstance(value, str) else ""
    return int(text) if fullmatch(r"[1-9]\d{0,5}", text) else None
