"""Move long base64 in a response into the file store, and put the URI of the file in its place.

Some endpoints return images and audio inside their JSON. An agent cannot use a megabyte of base64,
and its host would put all of it into the conversation.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field

from ...errors import FileError
from ...runtime.files.store import FileStore
from ...values import FileEntry, Json
from .files import uri

SHORTEST = 4096  # characters; shorter base64 does no harm
# Keys that hold base64 without a data: prefix: chat audio, Anthropic sources, images, responses.
_BASE64_KEYS = {"data", "b64_json", "result"}
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?[^,]{0,100};base64,(?=[A-Za-z0-9+/])")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


@dataclass(slots=True)
class Base64ToFiles:
    """Walks through JSON values, and collects the files found in them."""

    store: FileStore
    files: list[FileEntry] = field(default_factory=list)

    async def replace(self, value: Json, key: str = "") -> Json:
        """Return a JSON value with URIs in place of long base64."""
        if isinstance(value, list):
            return [await self.replace(item, key) for item in value]
        if isinstance(value, dict):
            return {name: await self.replace(item, name) for name, item in value.items()}
        if isinstance(value, str) and len(value) > SHORTEST:
            return await self._store(value, key)
        return value

    async def _store(self, text: str, key: str) -> str:
        head = _DATA_URL.match(text)
        encoded = text[head.end() :] if head else text
        if not (head or key in _BASE64_KEYS) or not _BASE64.fullmatch(encoded):
            return text
        try:
            content = b64decode(encoded, validate=True)
            entry = await self.store.put(content, "answer", head[1] if head else None)
        except (Base64Error, FileError):  # the response was paid for, so it is kept as it is
            return text
        self.files.append(entry)
        return uri(self.store.id_of(entry.url) or "")
