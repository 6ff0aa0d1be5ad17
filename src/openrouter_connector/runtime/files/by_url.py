"""Files that stay at their URLs: a bundle carries none, so the API fetches them itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ...errors import FileError
from ...values import Embedded, FileEntry, Json, LoadedFile
from . import media_types

_ONLY_URLS = "a batch accepts files by public URL only; host the file, or send this request alone"
_ONLY_ALONE = "a batch accepts no audio files; send this request alone"


def linked_file(value: Json, path: str, accept: tuple[str, ...]) -> LoadedFile:
    """Return a file that stays at its URL: nothing of it is loaded. FileError for any other."""
    entry = media_types.complete_entry(value)
    if not is_link(entry.url):
        raise FileError(f"{path}: {_ONLY_URLS}", path)
    if entry.mime_type.startswith("audio/"):
        raise FileError(f"{path}: {_ONLY_ALONE}", path)
    if not media_types.is_known(entry):
        raise FileError(f"{path}: its type is not known; give extension or mimeType", path)
    if not media_types.is_accepted(entry, accept):
        raise FileError(f"{path}: {entry.mime_type} is not one of {', '.join(accept)}", path)
    return LoadedFile(entry, 0, _unread)


def is_link(url: str) -> bool:
    """Return whether a URL can be fetched by others."""
    return url[:8].lower().startswith(("https://", "http://"))


def with_links(value: Json) -> Json:
    """Return a body in which the URLs of files stand in place of their contents."""
    if isinstance(value, Embedded):
        return value.file.entry.url
    if isinstance(value, dict):
        return {key: with_links(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_links(item) for item in value]
    return value


def may_be_text(value: Json) -> bool:
    """Return whether a FILE_ENTRY may be text, whose content becomes a part of the prompt."""
    entry: FileEntry = media_types.complete_entry(value)
    return media_types.is_text(entry) or not media_types.is_known(entry)


async def _unread() -> AsyncIterator[bytes]:
    raise FileError("this file stays at its URL")
    yield b""  # makes it a generator
