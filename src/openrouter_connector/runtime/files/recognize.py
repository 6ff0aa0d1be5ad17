"""Loaded files by their content: what each is, and the text of those that are text."""

from __future__ import annotations

import codecs
from collections.abc import AsyncGenerator
from dataclasses import replace
from re import compile

from ...errors import FileError
from ...values import LoadedFile
from . import media_types
from .file_type import as_text, corrected
from .signatures import ENOUGH, signature

LARGEST_TEXT = 10 * 1024 * 1024  # bytes of a text file that goes into a prompt
_BINARY = compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # what no text has; ESC colours logs
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before the shorter one that it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NAMES = {
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}


async def fitting(file: LoadedFile, accept: tuple[str, ...], *, prompt: bool) -> LoadedFile:
    """Return a file under its true type, for a `prompt` with its text.

    FileError when it is nothing that `accept` lists, or no text that can be read. An empty file is
    none of anything, and the caller says so.
    """
    if not file.size:
        return file
    file = await _recognized(file, accept)
    if accept and not media_types.accepted(file.entry, accept):
        known = f"{file.entry.name or 'the file'} ({file.entry.mime_type})"
        raise FileError(f"{known} is not one of {', '.join(accept)}")
    return await _with_text(file) if prompt and media_types.is_text(file.entry) else file


async def _recognized(file: LoadedFile, accept: tuple[str, ...]) -> LoadedFile:
    """Return a file under its true type; `called` keeps another one that it was given.

    Text is called text where its name says nothing, or nothing that `accept` lists.
    """
    head = await _head(file)
    entry, called = corrected(file.entry, signature(head))
    if entry != file.entry:
        return replace(file, entry=entry, called=called)
    fine = media_types.is_known(entry) and (not accept or media_types.accepted(entry, accept))
    if not fine and is_text(head, cut=file.size > len(head)):
        return replace(file, entry=as_text(entry))
    return file


async def _with_text(file: LoadedFile) -> LoadedFile:
    """Read a text file. FileError when it is too large, or in no known encoding."""
    if file.size > LARGEST_TEXT:
        raise FileError(f"a text file may have {LARGEST_TEXT // 1024**2} MB in a prompt")
    content = b"".join([chunk async for chunk in file.open()])
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileError(f"{file.entry.name} is not UTF-8 text") from error
    if encoding not in _NAMES:
        return replace(file, text=text)
    return replace(file, text=text, notes=(f"read as {_NAMES[encoding]}, since it is not UTF-8",))


def is_text(content: bytes, *, cut: bool = False) -> bool:
    """Tell whether bytes are plain text. They may be `cut` in the middle of a character."""
    encoding = _encoding(content)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content, final=not cut)
    except UnicodeDecodeError:
        return False
    return bool(text) and not _BINARY.search(text)


def _encoding(content: bytes) -> str:
    """Return the encoding of a text; UTF-8 where nothing else is clear."""
    for mark, name in _BOMS.items():
        if content.startswith(mark):
            return name
    if wide := _wide(content):
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return "cp1252" if _is_western(content) else "utf-8"
    return "utf-8"


def _wide(content: bytes) -> str | None:
    """Recognize UTF-16 without a mark: of most characters one of the two bytes is zero."""
    low, high = content[:4096:2].count(0), content[1:4096:2].count(0)
    pairs = min(len(content), 4096) // 2
    if pairs < 2 or max(low, high) < pairs * 0.6 or min(low, high) > pairs * 0.05:
        return None
    return "utf-16-be" if low > high else "utf-16-le"


def _is_western(content: bytes) -> bool:
    """Tell whether bytes are Latin letters with some accents and signs among them."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return False
    high = len(content.translate(None, bytes(range(128))))
    return not _BINARY.search(text) and high <= 2 + (len(content) - high) * 0.5


async def _head(file: LoadedFile) -> bytes:
    if file.content is not None:
        return file.content[:ENOUGH]
    chunks = file.open()
    try:
        return (await anext(chunks, b""))[:ENOUGH]
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
