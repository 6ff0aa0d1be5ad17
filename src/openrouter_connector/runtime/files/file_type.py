"""Correct the extension and MIME type of a file by what its content shows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ...values import FileEntry
from . import media_types

# For each detected extension: the extensions of files that start alike, and further MIME types.
_RELATED = {
    "jpg": ("jpg jpeg jpe jfif", ""),
    "png": ("png apng", ""),
    "tiff": ("tiff tif dng nef cr2 arw", ""),
    "heic": ("heic heif", ""),
    "heif": ("heif heic avif", ""),
    "avif": ("avif avifs", ""),
    "bmp": ("bmp dib", ""),
    "mp3": ("mp3 mp2", "audio/mpeg"),
    "aiff": ("aiff aif aifc", ""),
    "ogg": ("ogg spx", "application/ogg audio/webm"),
    "ogv": ("ogv ogg", "application/ogg"),
    "mid": ("mid midi", "audio/midi audio/mid audio/x-midi"),
    "m4a": ("m4a m4b m4p mp4", ""),
    "mp4": ("mp4 m4v m4a m4b mov 3gp f4v", "application/mp4"),
    "mov": ("mov qt mp4", ""),
    "3gp": ("3gp 3g2 mp4 m4a", "audio/3gpp video/3gpp2"),
    "webm": ("webm mkv mka weba", "audio/webm audio/x-matroska"),
    "mkv": ("mkv mka webm", "audio/webm audio/x-matroska"),
    "mpeg": ("mpeg mpg mpe vob m1v m2v", "video/mpeg"),
    "mpg": ("mpg ts mts m2ts mpeg", "video/mp2t video/mpeg"),
    "wmv": ("wmv wma asf", "video/x-ms-asf audio/x-ms-wma"),
    "gz": ("gz tgz svgz", "application/gzip"),
    "docx": ("docx docm dotx", ""),
    "xlsx": ("xlsx xlsm xltx", ""),
    "pptx": ("pptx pptm ppsx potx", ""),
}
# Containers of many kinds of files: the name of a file says more than its first bytes.
_CONTAINERS = ("zip", "gz", "doc")
# Files of these types always start with their signature.
_SIGNED = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic",
           "application/pdf", "application/zip")  # fmt: skip


def correct_type(entry: FileEntry, detected: str | None) -> tuple[FileEntry, str]:
    """Return an entry that matches the detected extension, and the wrong type it had, if any."""
    declared = media_types.is_known(entry)
    if detected is None:
        return entry, ""
    if detected in _CONTAINERS and declared and entry.mime_type not in _SIGNED:
        return entry, ""
    extensions, types = _related(detected)
    right_extension, right_type = entry.extension in extensions, entry.mime_type in types
    if right_extension and right_type:
        return entry, ""
    extension = entry.extension if right_extension else detected
    kind = media_types.mime_type(extension)
    if right_type:
        kind = entry.mime_type
    elif kind not in types:
        kind = media_types.mime_type(detected)
    wrong = entry.mime_type if right_extension or not entry.extension else entry.extension
    return replace(entry, extension=extension, mime_type=kind), wrong if declared else ""


def as_text(entry: FileEntry) -> FileEntry:
    """Return an entry as plain text, unless files of its type never are text."""
    if media_types.is_text(entry) or entry.mime_type in _SIGNED:
        return entry
    return replace(entry, mime_type="text/plain")


@cache
def _related(detected: str) -> tuple[frozenset[str], frozenset[str]]:
    names, more = _RELATED.get(detected, (detected, ""))
    types = {media_types.mime_type(name) for name in names.split()} | set(more.split())
    # mimetypes lists some as text (.ts), and a text file has none of these signatures.
    unusable = {kind for kind in types if kind.startswith("text/")} | {media_types.ANY}
    return frozenset(names.split()), frozenset(types - unusable)
