"""Read and write the file of one connection: JSON, in which only the token is encrypted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from re import fullmatch, sub
from typing import Self
from unicodedata import normalize

from ..openrouter.identity import COMPONENT
from ..values import Json, JsonObject
from . import private_files
from .token_encryption import EncryptedToken
from .validation import name_fault


@dataclass(frozen=True, slots=True)
class ConnectionRecord:
    """The content of a connection's file."""

    name: str
    component: str
    properties: JsonObject
    created: str
    encrypted_token: EncryptedToken | None
    private: bool = True
    """Whether its base URL may lead into a private network."""

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """Read what `to_json` wrote, in this or an earlier version; raise ValueError otherwise."""
        if not isinstance(value, dict):
            raise ValueError("its file has an unknown format")
        # Earlier versions, which had one component, stored neither it nor `private`.
        fields = {"component": COMPONENT, "private": True, **value}
        if not all(isinstance(fields.get(key, ...), kind) for key, kind in _FIELD_TYPES.items()):
            raise ValueError("its file has an unknown format")
        # The name goes into paths and shell commands of messages, also when the file was edited.
        if name_fault(fields["name"]) or not fullmatch(r"[a-z][A-Za-z0-9]*", fields["component"]):
            raise ValueError("its file has an unknown format")
        token = None if fields["token"] is None else EncryptedToken.from_json(fields["token"])
        return cls(
            fields["name"],
            fields["component"],
            fields["properties"],
            fields["created"],
            token,
            fields["private"],
        )

    def to_json(self) -> JsonObject:
        """Return the content of the file."""
        return {
            "name": self.name,
            "component": self.component,
            "properties": self.properties,
            "created": self.created,
            "private": self.private,
            "token": self.encrypted_token.to_json() if self.encrypted_token else None,
        }


_FIELD_TYPES = {
    "name": str,
    "component": str,
    "properties": dict,
    "created": str,
    "private": bool,
    "token": dict | None,
}


def read_record(file: Path) -> ConnectionRecord:
    """Read a connection's file; raise ValueError with what is wrong with it."""
    try:
        return ConnectionRecord.from_json(json.loads(private_files.read(file)))
    except OSError as error:
        raise ValueError(f"its file {file} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its file {file} is damaged") from error


def write_record(file: Path, record: ConnectionRecord) -> None:
    """Write a connection's file; raise FileError if that fails."""
    content = json.dumps(record.to_json(), ensure_ascii=False, indent=2)
    private_files.write(file, content.encode())


def normalize_name(name: str) -> str:
    """Return a name as it is stored: stripped, with composed characters (NFC)."""
    return normalize("NFC", name.strip())


def name_key(name: str) -> str:
    """Return a key that is equal for all spellings of a name: `work` for ` Work `."""
    return normalize_name(name).casefold()


def file_name(name: str) -> str:
    """Return a file name that is valid on every system, and equal for `Work` and `work`."""
    key = name_key(name)
    readable = sub(r"[^a-z0-9]+", "-", key).strip("-")[:40]
    # Names in other scripts, or that differ in signs alone, have the same readable part.
    digest = sha256(key.encode(errors="surrogatepass")).hexdigest()
    return f"{readable or 'connection'}-{digest[:8]}.json"
