"""Base64 inside an answer: put into the store, with the address of the file in its place.

Some endpoints give pictures and sound inside their JSON. An agent can do nothing with a megabyte of
letters, and its host would put them into the conversation.
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

SHORTEST = 4096  # characters; less does no harm
# Where the API puts bare base64: chat sound, Anthropic sources, images, responses.
_BARE = {"data", "b64_json", "result"}
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?[^,]{0,100};base64,(?=[A-Za-z0-9+/])")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


@dataclass(slots=True)
class Lifted:
    """A walk over an answer, and the files that were in it."""

    store: FileStore
    files: list[FileEntry] = field(default_factory=list)

    async def out_of(self, value: Json, key: str = "") -> Json:
        """Give a JSON value without long base64."""
        if isinstance(value, list):
            return [await self.out_of(item, key) for item in value]
        if isinstance(value, dict):
            return {name: await self.out_of(item, name) for name, item in value.items()}
        if isinstance(value, str) and len(value) > SHORTEST:
            return await self._kept(value, key)
        return value

    async def _kept(self, text: str, key: str) -> str:
        head = _DATA_URL.match(text)
        encoded = text[head.end() :] if head else text
        if not (head or key in _BARE) or not _BASE64.fullmatch(encoded):
            return text
        try:
            content = b64decode(encoded, validate=True)
            entry = await self.store.put(content, "answer", head[1] if head else None)
        except (Base64Error, FileError):  # it was paid for, and stays as it came
            return text
        self.files.append(entry)
        return uri(self.store.id_of(entry.url) or "")
