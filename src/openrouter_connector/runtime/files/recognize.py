"""Recognize a loaded file by its content, and read the text of a text file."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace

from ...errors import FileError
from ...values import LoadedFile
from . import media_types
from .file_type import as_text, correct_type
from .signatures import HEAD_SIZE, detect_extension
from .text_encoding import ENCODING_NAMES, detect_encoding, is_plain_text

LARGEST_TEXT = 10 * 1024 * 1024  # bytes of a text file that goes into a prompt


async def recognize(file: LoadedFile, accept: tuple[str, ...], *, prompt: bool) -> LoadedFile:
    """Return a file with its true type; for a `prompt`, a text file with its text.

    FileError when `accept` does not list the type, or when the text cannot be read. An empty file
    is returned as it is: it has no type, and the caller reports it.
    """
    if not file.size:
        return file
    file = await _with_true_type(file, accept)
    if accept and not media_types.is_accepted(file.entry, accept):
        name = f"{file.entry.name or 'the file'} ({file.entry.mime_type})"
        raise FileError(f"{name} is not one of {', '.join(accept)}")
    return await _with_text(file) if prompt and media_types.is_text(file.entry) else file


async def _with_true_type(file: LoadedFile, accept: tuple[str, ...]) -> LoadedFile:
    """Return a file with the type of its content; `called` keeps a different declared type.

    Text becomes a text file where its declared type is unknown or not accepted.
    """
    head = await _read_head(file)
    entry, called = correct_type(file.entry, detect_extension(head))
    if entry != file.entry:
        return replace(file, entry=entry, called=called)
    known = media_types.is_known(entry)
    usable = known and (not accept or media_types.is_accepted(entry, accept))
    if not usable and is_plain_text(head, cut=file.size > len(head)):
        return replace(file, entry=as_text(entry))
    return file


async def _with_text(file: LoadedFile) -> LoadedFile:
    """Read a text file. FileError when it is too large, or its encoding is unknown."""
    if file.size > LARGEST_TEXT:
        limit = LARGEST_TEXT // 1024**2
        raise FileError(f"a text file in a prompt must not be larger than {limit} MB")
    # Whole, since an encoding is certain only at the end of a text.
    content = b"".join([chunk async for chunk in file.open()])
    encoding = detect_encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileError(f"{file.entry.name} is not UTF-8 text") from error
    if encoding not in ENCODING_NAMES:
        return replace(file, text=text)
    note = f"read as {ENCODING_NAMES[encoding]}, since it is not UTF-8"
    return replace(file, text=text, notes=(note,))


async def _read_head(file: LoadedFile) -> bytes:
    if file.content is not None:
        return file.content[:HEAD_SIZE]
    chunks = file.open()
    try:
        return (await anext(chunks, b""))[:HEAD_SIZE]
    finally:
        # Only the first chunk is read: an open file must not wait for the garbage collector.
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
