"""File types: extensions, MIME types, and whether a property takes them."""

from __future__ import annotations

import mimetypes
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePath
from re import sub

from ..values import FileEntry, JsonObject

# What mimetypes does not know, or calls otherwise than the API does.
_TYPES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "webm": "video/webm",
    "webp": "image/webp",
    "md": "text/markdown",
    "yaml": "application/yaml",
    "json": "application/json",
}
_EXTENSIONS = {kind: extension for extension, kind in _TYPES.items()} | {
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mp3": "mp3",
    "audio/x-flac": "flac",
    "audio/x-m4a": "m4a",
    "audio/m4a": "m4a",
    "audio/webm": "webm",
    "audio/opus": "ogg",
    "image/jpeg": "jpg",
    "text/plain": "txt",
}
_ALIASES = {
    "mpga": "mp3", "oga": "ogg", "opus": "ogg", "wave": "wav", "yml": "yaml", "markdown": "md",
}  # fmt: skip
# Text by another name: what mimetypes makes of these differs from machine to machine.
_PLAIN = {
    "log", "toml", "ini", "cfg", "conf", "sql", "jsonl", "rst", "tex", "diff", "patch", "proto",
    "go", "rs", "rb", "java", "kt", "swift", "c", "h", "cpp", "hpp", "cs", "php", "ts", "tsx",
    "jsx",
}  # fmt: skip
_TEXTS = ("text/*", "application/json", "application/xml", "application/yaml", "image/svg+xml")


def normal(value: JsonObject) -> FileEntry:
    """Fill what a FILE_ENTRY leaves empty: the extension from name or type, the type from it."""
    name, kind = value["name"], value["mimeType"].split(";")[0].strip().lower()
    suffix = extension(value["extension"], name, kind)
    return FileEntry(suffix, kind or mime_type(suffix), name, value["url"])


def extension(given: str | None, name: str, kind: str | None) -> str:
    """Give an extension without its dot, in lower case; empty when nothing tells."""
    suffix = given or PurePath(name).suffix or _EXTENSIONS.get(kind or "")
    suffix = suffix or mimetypes.guess_extension(kind or "", strict=False) or ""
    suffix = sub(r"[^\w.-]+", "", suffix.lower()).strip(".")[:16]  # part of a path
    return _ALIASES.get(suffix, suffix)


@lru_cache(256)
def mime_type(suffix: str) -> str:
    """Give the MIME type of an extension; `application/octet-stream` when it is unknown."""
    if suffix in _PLAIN:
        return "text/plain"
    guessed = mimetypes.guess_type(f"x.{suffix}", strict=False)[0]
    return _TYPES.get(suffix) or guessed or "application/octet-stream"


def accepted(entry: FileEntry, accept: tuple[str, ...]) -> bool:
    """Tell whether a file is of a listed extension (`mp3`) or type (`image/*`)."""
    return any(
        fnmatchcase(entry.mime_type, one) if "/" in one else entry.extension == one
        for one in accept
    )


def is_text(entry: FileEntry) -> bool:
    """Tell whether a file is text that can stand in a prompt."""
    return accepted(entry, _TEXTS)
