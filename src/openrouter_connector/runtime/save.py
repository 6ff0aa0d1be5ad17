"""Store what a call returned: a body that is a file, files inside JSON, images that a URL names.

The content of a file decides its type, before its headers and before the requested format do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from ..definition.model import FileOutput
from ..errors import FileError, IncompleteError, StoreError
from ..values import FileEntry, Json, JsonObject, is_url
from .audio.wav import pcm_format, wav_header
from .dialects.error_bodies import not_a_file, plain
from .files import media_types
from .files.file_type import correct_type
from .files.signatures import HEAD_SIZE, detect_extension
from .files.store import FileStore
from .files.text_encoding import is_plain_text
from .http.response import Response
from .read import InlineFile

_HEAD = 4096  # bytes that are read before the type of a body is decided
_LARGEST_MESSAGE = 1024 * 1024  # bytes of a text response where a file was expected


async def store_body(
    file: FileOutput,
    response: Response,
    values: JsonObject,
    store: FileStore,
    warnings: list[str] | None = None,
) -> FileEntry:
    """Stream the body of a response into the store.

    `warnings` collects what the user should know about the file. Raises IncompleteError when the
    body is empty or is not a file.
    """
    async with aclosing(_with_full_head(response.chunks())) as chunks:
        head = await anext(chunks)
        # Servers label audio as `application/octet-stream`, or as what was requested.
        detected = detect_extension(head)
        if not file.allow_text and detected is None and _is_message(response, head):
            message = plain(await _read_json(response, head, chunks), response.profile)
            raise not_a_file(message)
        entry = _entry(file, response, values, detected)
        pcm = pcm_format(response.headers.get("content-type", ""), file.pcm)
        rescued = [] if warnings is None else warnings
        put = partial(store.put, _whole(head, chunks), rescued=rescued)
        if pcm and entry.extension in ("", "pcm") and values.get(file.extension or "") == "wav":
            # A WAV header holds the size, which is known only at the end of a stream.
            header = partial(wav_header, pcm)
            return await put(file.name, "audio/wav", extension="wav", header=header)
        # Raw samples carry no rate: whoever plays them must know it.
        if pcm and pcm != file.pcm and entry.extension == "pcm":
            rescued.append(f"the samples have {pcm.rate} Hz and {pcm.channels} channel(s)")
        return await put(entry.name, entry.mime_type or None, extension=entry.extension or None)


async def store_files(
    file: FileOutput,
    found: list[InlineFile],
    store: FileStore,
    warnings: list[str] | None = None,
) -> list[FileEntry]:
    """Store the files that a JSON response contains.

    Raises IncompleteError when one of them is empty. A StoreError lists the files that were stored
    before it.
    """
    if not all(inline.content for inline in found):
        raise IncompleteError("a file in the response is empty", status=200)
    stored: list[FileEntry] = []
    for inline in found:
        declared = media_types.canonical(inline.mime_type)
        extension = media_types.extension(None, "", declared)
        entry = FileEntry(extension, declared, file.name, "")
        entry, _ = correct_type(entry, detect_extension(inline.content[:HEAD_SIZE]))
        try:
            stored.append(
                await store.put(
                    inline.content,
                    file.name,
                    entry.mime_type or None,
                    extension=entry.extension or None,
                    rescued=[] if warnings is None else warnings,
                )
            )
        except StoreError as error:
            error.files = [entry.to_json() for entry in stored]
            raise
    return stored


async def store_image(url: str, store: FileStore) -> FileEntry:
    """Store an image that an answer names by a `data:` or http(s) URL. Raises FileError.

    The model chose the URL, so it must lead to a public address even where the store allows
    private ones.
    """
    if url[:5].lower() == "data:":
        file = await store.load(FileEntry.of_url(url).to_json(), "image", ("image/*",))
        if not file.size:
            raise FileError("the image is empty")
        return await store.put(file.open(), "image", file.entry.mime_type)
    if not is_url(url):
        raise FileError("not a data: URL and not an http(s) URL")
    from .files.download import download  # aiohttp is slow to import, and few images are links

    # The model chose this URL: it could name a server in our own network (SSRF).
    async with download(url, largest=store.largest, allow_private=False) as found:
        if not (found.mime_type or "").startswith("image/"):
            raise FileError("the URL does not lead to an image")
        return await store.put(found.chunks, "image", found.mime_type)


def _entry(
    file: FileOutput, response: Response, values: JsonObject, detected: str | None
) -> FileEntry:
    """Return the name and type of a body: from its content, its headers, or the request."""
    declared = media_types.canonical(response.content_type)
    extension = media_types.extension(None, "", declared) if declared else ""
    entry = FileEntry(extension, declared, response.filename or file.name, "")
    entry, _ = correct_type(entry, detected)
    if entry.extension:
        return replace(entry, mime_type=entry.mime_type or media_types.mime_type(entry.extension))
    requested = values.get(file.extension or "") or ""
    # Where the API has no WAV, the request was for raw samples, which get their header here.
    known = "pcm" if requested == "wav" and file.pcm else requested
    return replace(entry, extension=known, mime_type=media_types.mime_type(known) if known else "")


def _is_message(response: Response, head: bytes) -> bool:
    """Return whether a body is a text message and not a file, by its header or its first bytes."""
    begins_as_text = head.lstrip()[:1] in (b"{", b"[", b"<") and is_plain_text(head, cut=True)
    return response.declares_text or begins_as_text


async def _read_json(response: Response, head: bytes, chunks: AsyncGenerator[bytes]) -> Json:
    parts = [head]
    async for chunk in chunks:
        parts.append(chunk)
        if sum(map(len, parts)) > _LARGEST_MESSAGE:
            raise IncompleteError("the response is a long text and not a file", status=200)
    return response.parsed(b"".join(parts))


async def _with_full_head(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Yield the chunks of a body, with enough bytes in the first one to detect its type."""
    head = b""
    async for chunk in chunks:
        if len(head) < _HEAD:
            head += chunk
            if len(head) >= _HEAD:
                yield head
        else:
            yield chunk
    if not head:
        raise IncompleteError("the response is empty", status=200)
    if len(head) < _HEAD:
        yield head


async def _whole(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk
