"""A file's extension and type, set right by what its content shows."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ...values import FileEntry
from . import media_types

# Extensions of files that begin alike, and types of them beside those of the extensions.
_KIN = {
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
# What many kinds of files are made of: the name of one says more.
_PACKAGES = ("zip", "gz", "doc")
# Files of these kinds always begin with their signature.
_SIGNED = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/heic",
           "application/pdf", "application/zip")  # fmt: skip


def corrected(entry: FileEntry, found: str | None) -> tuple[FileEntry, str]:
    """Return an entry that agrees with a signature, and what it was called, if it did not."""
    named = media_types.is_known(entry)
    if found is None or (found in _PACKAGES and named and entry.mime_type not in _SIGNED):
        return entry, ""
    extensions, types = _kin(found)
    fits, typed = entry.extension in extensions, entry.mime_type in types
    if fits and typed:
        return entry, ""
    extension = entry.extension if fits else found
    usual = media_types.mime_type(extension)
    kind = entry.mime_type if typed else usual if usual in types else media_types.mime_type(found)
    called = entry.mime_type if fits or not entry.extension else entry.extension
    return replace(entry, extension=extension, mime_type=kind), called if named else ""


def as_text(entry: FileEntry) -> FileEntry:
    """Call a file that is text plain text, unless files of its kind never are."""
    if media_types.is_text(entry) or entry.mime_type in _SIGNED:
        return entry
    return replace(entry, mime_type="text/plain")


@cache
def _kin(found: str) -> tuple[frozenset[str], frozenset[str]]:
    names, more = _KIN.get(found, (found, ""))
    types = {media_types.mime_type(name) for name in names.split()} | set(more.split())
    useless = {one for one in types if one.startswith("text/")} | {media_types.ANY}
    return frozenset(names.split()), frozenset(types - useless)
