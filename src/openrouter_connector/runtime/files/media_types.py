"""Extensions and MIME types of files, and whether a property accepts them."""

from __future__ import annotations

import mimetypes
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePath
from re import sub

from ...values import FileEntry, JsonObject

# Types that mimetypes does not know, or names differently from the API.
_TYPES = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "ogv": "video/ogg",
    "3gp": "video/3gpp",
    "wmv": "video/x-ms-wmv",
    "webp": "image/webp",
    "avif": "image/avif",
    "heic": "image/heic",
    "heif": "image/heif",
    "tiff": "image/tiff",
    "jxl": "image/jxl",
    "jp2": "image/jp2",
    "cr3": "image/x-canon-cr3",
    "gz": "application/gzip",
    "md": "text/markdown",
    "yaml": "application/yaml",
    "json": "application/json",
}
# Other names of a type, each with the name that APIs accept.
_SYNONYMS = {
    "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/jfif": "image/jpeg",
    "image/x-png": "image/png", "image/x-webp": "image/webp", "image/x-gif": "image/gif",
    "image/tif": "image/tiff", "image/x-tiff": "image/tiff", "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp", "image/svg": "image/svg+xml",
    "audio/mp3": "audio/mpeg", "audio/x-mp3": "audio/mpeg", "audio/x-mpeg": "audio/mpeg",
    "audio/mpeg3": "audio/mpeg", "audio/x-mpeg-3": "audio/mpeg", "audio/mpg": "audio/mpeg",
    "audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/x-pn-wav": "audio/wav",
    "audio/vnd.wave": "audio/wav", "audio/x-flac": "audio/flac", "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4", "audio/x-aac": "audio/aac", "audio/aacp": "audio/aac",
    "audio/x-aiff": "audio/aiff", "audio/x-ogg": "audio/ogg", "audio/opus": "audio/ogg",
    "audio/x-opus": "audio/ogg", "audio/x-pcm": "audio/pcm", "audio/raw": "audio/pcm",
    "audio/l8": "audio/pcm", "audio/l16": "audio/pcm", "audio/l24": "audio/pcm",
    "video/x-m4v": "video/mp4", "video/x-mp4": "video/mp4", "video/mov": "video/quicktime",
    "video/x-quicktime": "video/quicktime", "video/mpg": "video/mpeg",
    "video/x-mpeg": "video/mpeg", "video/x-webm": "video/webm",
    "application/x-pdf": "application/pdf", "application/acrobat": "application/pdf",
    "application/vnd.pdf": "application/pdf", "text/pdf": "application/pdf",
    "text/x-pdf": "application/pdf", "application/x-zip-compressed": "application/zip",
    "application/x-zip": "application/zip", "application/x-gzip": "application/gzip",
    "application/x-json": "application/json", "text/json": "application/json",
    "text/xml": "application/xml", "application/x-yaml": "application/yaml",
    "text/yaml": "application/yaml", "text/x-yaml": "application/yaml",
    "text/x-markdown": "text/markdown",
}  # fmt: skip
ANY = "application/octet-stream"
_UNKNOWN = {
    ANY, "binary/octet-stream", "application/x-octet-stream", "application/binary",
    "application/unknown", "application/download", "application/x-download",
    "application/force-download", "unknown/unknown",
}  # fmt: skip
_EXTENSIONS = {kind: extension for extension, kind in _TYPES.items()} | {
    "audio/webm": "webm",
    "image/jpeg": "jpg",
    "text/plain": "txt",
}
_ALIASES = {
    "mpga": "mp3", "oga": "ogg", "opus": "ogg", "wave": "wav", "yml": "yaml", "markdown": "md",
}  # fmt: skip
# Text files. For these mimetypes gives different types on different machines.
_TEXT_EXTENSIONS = {
    "log", "toml", "ini", "cfg", "conf", "sql", "jsonl", "rst", "tex", "diff", "patch", "proto",
    "go", "rs", "rb", "java", "kt", "swift", "c", "h", "cpp", "hpp", "cs", "php", "ts", "tsx",
    "jsx",
}  # fmt: skip
ANYTHING = ("*/*",)
"""The list of a property that accepts every file."""
_TEXTS = ("text/*", "application/json", "application/xml", "application/yaml", "image/svg+xml")


def complete_entry(value: JsonObject) -> FileEntry:
    """Fill the empty fields of a FILE_ENTRY: the extension, and from it the MIME type."""
    name, kind = value["name"], canonical(value["mimeType"])
    suffix = extension(value["extension"], name, kind)
    return FileEntry(suffix, kind or mime_type(suffix), name, value["url"])


def canonical(kind: str | None) -> str:
    """Return the usual name of a MIME type without its parameters; empty for an unspecific type."""
    bare = (kind or "").split(";")[0].strip().lower()
    return "" if bare in _UNKNOWN or bare.endswith("/*") else _SYNONYMS.get(bare, bare)


def extension(declared: str | None, name: str, kind: str | None) -> str:
    """Return an extension in lower case and without a dot: declared, of the name, or of the type.

    Empty when none of them is known.
    """
    kind = canonical(kind)
    suffix = declared or PurePath(name).suffix or _EXTENSIONS.get(kind)
    suffix = suffix or mimetypes.guess_extension(kind, strict=False) or ""
    suffix = sub(r"[^\w.-]+", "", suffix.lower()).strip(".")[:16]  # it becomes part of a path
    return _ALIASES.get(suffix, suffix)


@lru_cache(256)
def mime_type(suffix: str) -> str:
    """Return the MIME type of an extension; `application/octet-stream` when it is unknown."""
    if suffix in _TEXT_EXTENSIONS:
        return "text/plain"
    guessed = mimetypes.guess_type(f"x.{suffix}", strict=False)[0]
    return _TYPES.get(suffix) or guessed or ANY


def is_accepted(entry: FileEntry, accept: tuple[str, ...]) -> bool:
    """Return whether `accept` lists the extension (`mp3`) or type (`image/*`) of a file."""
    return any(
        fnmatchcase(entry.mime_type, pattern) if "/" in pattern else entry.extension == pattern
        for pattern in accept
    )


def is_text(entry: FileEntry) -> bool:
    """Return whether a file is text that can be part of a prompt."""
    return is_accepted(entry, _TEXTS)


def is_known(entry: FileEntry) -> bool:
    """Return whether the type of a file is known."""
    return entry.mime_type not in ("", ANY)
