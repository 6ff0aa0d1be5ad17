"""The file of a connection: JSON, of which the token alone is encrypted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from re import fullmatch, sub
from typing import Self
from unicodedata import normalize

from ..values import Json, JsonObject
from . import private_files
from .token_binding import OPENROUTER
from .token_encryption import EncryptedToken
from .validation import name_fault


@dataclass(frozen=True, slots=True)
class ConnectionRecord:
    """What lies in the file of a connection."""

    name: str
    component: str
    properties: JsonObject
    created: str
    encrypted_token: EncryptedToken | None
    private: bool = True
    """Whether its base URL may lead into a private network."""

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read what `to_json` wrote, today or in an earlier version; else ValueError."""
        if not isinstance(value, dict):
            raise ValueError("its file is not what was written")
        told = {"component": OPENROUTER, "private": True, **value}
        if not all(isinstance(told.get(word, ...), kind) for word, kind in _KINDS.items()):
            raise ValueError("its file is not what was written")
        if name_fault(told["name"]) or not fullmatch(r"[a-z][A-Za-z0-9]*", told["component"]):
            raise ValueError("its file is not what was written")
        sealed = None if told["token"] is None else EncryptedToken.from_json(told["token"])
        whose, properties, created = told["component"], told["properties"], told["created"]
        return cls(told["name"], whose, properties, created, sealed, told["private"])

    def to_json(self) -> JsonObject:
        """Give what is written."""
        return {
            "name": self.name,
            "component": self.component,
            "properties": self.properties,
            "created": self.created,
            "private": self.private,
            "token": self.encrypted_token.to_json() if self.encrypted_token else None,
        }


_KINDS = {
    "name": str,
    "component": str,
    "properties": dict,
    "created": str,
    "private": bool,
    "token": dict | None,
}


def read_record(file: Path) -> ConnectionRecord:
    """Read a record; ValueError says what is wrong with it."""
    try:
        return ConnectionRecord.from_json(json.loads(private_files.read(file)))
    except OSError as error:
        raise ValueError(f"its file {file} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its file {file} is damaged") from error


def write_record(file: Path, record: ConnectionRecord) -> None:
    """Put a record in its place; FileError when that cannot be done."""
    private_files.write(file, json.dumps(record.to_json(), ensure_ascii=False, indent=2).encode())


def normalize_name(name: str) -> str:
    """Give a name as it is kept: without spaces around it, and each letter in one piece."""
    return normalize("NFC", name.strip())


def name_key(name: str) -> str:
    """Give what all spellings of a name have in common: `work` for ` Work `."""
    return normalize_name(name).casefold()


def file_name(name: str) -> str:
    """Give a file name that is safe everywhere, and the same for `Work` and `work`."""
    known = name_key(name)
    readable = sub(r"[^a-z0-9]+", "-", known).strip("-")[:40]
    digest = sha256(known.encode(errors="surrogatepass")).hexdigest()
    return f"{readable or 'connection'}-{digest[:8]}.json"
