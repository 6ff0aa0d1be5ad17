"""The file of a connection: JSON, of which the token alone is encrypted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from re import sub
from typing import Self
from unicodedata import normalize

from ..values import Json, JsonObject
from . import files
from .vault import Sealed


@dataclass(frozen=True, slots=True)
class Record:
    """What lies in the file of a connection."""

    name: str
    properties: JsonObject
    created: str
    sealed: Sealed | None

    @classmethod
    def of_json(cls, value: Json) -> Self:
        """Read what `to_json` gave; ValueError when it is something else."""
        kinds = {"name": str, "properties": dict, "created": str, "token": dict | None}
        if not isinstance(value, dict) or not all(
            key in value and isinstance(value[key], kind) for key, kind in kinds.items()
        ):
            raise ValueError("its file is not what was written")
        token = value["token"]
        sealed = None if token is None else Sealed.of_json(token)
        return cls(value["name"], value["properties"], value["created"], sealed)

    def to_json(self) -> JsonObject:
        """Give what is written."""
        return {
            "name": self.name,
            "properties": self.properties,
            "created": self.created,
            "token": self.sealed.to_json() if self.sealed else None,
        }


def read(file: Path) -> Record:
    """Read a record; ValueError says what is wrong with it."""
    try:
        record = Record.of_json(json.loads(file.read_bytes()))
    except OSError as error:
        raise ValueError(f"its file {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its file {file} is damaged") from error
    if file_name(record.name) != file.name:
        raise ValueError(f"its file {file} has the name of another connection")
    return record


def write(file: Path, record: Record) -> None:
    """Put a record in its place; FileError when that cannot be done."""
    files.write(file, json.dumps(record.to_json(), ensure_ascii=False, indent=2).encode())


def tidied(name: str) -> str:
    """Give a name as it is kept: without spaces around it, and each letter in one piece."""
    return normalize("NFC", name.strip())


def folded(name: str) -> str:
    """Give what all spellings of a name have in common: `work` for ` Work `."""
    return tidied(name).casefold()


def file_name(name: str) -> str:
    """Give a file name that is safe everywhere, and the same for `Work` and `work`."""
    known = folded(name)
    readable = sub(r"[^a-z0-9]+", "-", known).strip("-")[:40]
    digest = sha256(known.encode(errors="surrogatepass")).hexdigest()
    return f"{readable or 'connection'}-{digest[:8]}.json"
