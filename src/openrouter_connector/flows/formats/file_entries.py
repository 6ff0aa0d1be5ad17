"""Make the FILE_ENTRY of a URL, with what its name shows."""

from __future__ import annotations

import mimetypes

from ...values import FileEntry, JsonObject


def file_entry(url: str, media_type: str = "", name: str = "") -> JsonObject:
    """Return the FILE_ENTRY of a URL, with the type and extension that its name shows."""
    found = FileEntry.of_url(url)
    file_name = name or found.name
    kind = media_type or found.mime_type or mimetypes.guess_type(file_name)[0] or ""
    suffix = file_name.rpartition(".")[2] if "." in file_name else ""
    extension = suffix or (mimetypes.guess_extension(kind) or "").removeprefix(".")
    return FileEntry(extension, kind, file_name or "file", url).to_json()
