"""Keep checked definitions in the user's folder of caches, so that a process starts sooner.

Parsing the YAML, building pydantic's validators and checking the words take 100 ms of a call; the
models themselves are read in a few. They are kept as JSON, which runs no code when it is read. A
file counts only while neither the definition nor our own code has changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from ..cache_folder import cache_folder, write_cache_file
from ..values import Json, JsonObject

_CODE = Path(__file__).parent
_FOLDERS = ("definitions", "definitions/options", "definitions/shared")


class CompiledDefinition:
    """What was derived from one component before, by name.

    A file that cannot be read or written is no error: it is derived again.
    """

    def __init__(self, connector_file: Path, code: Iterable[Path] = ()) -> None:
        """Use the folder of this `connector.yaml`; `code` are files that derive something more."""
        self._connector_file = Path(os.path.abspath(connector_file))  # noqa: PTH100 - keeps links
        self._code = code

    def read(self, name: str) -> Json:
        """Return what is kept under a name; None if nothing is, or something changed since."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            kept = json.loads(self._file(name).read_bytes(), object_hook=_decoded)
            if kept["fingerprint"] == self.fingerprint:
                return kept["value"]
        return None

    def write(self, name: str, value: Json) -> None:
        """Keep a value: JSON, or models of the definition."""
        with suppress(OSError, ValueError, TypeError, RecursionError):
            kept = {"fingerprint": self.fingerprint, "value": _encoded(value)}
            write_cache_file(self._file(name), json.dumps(kept, ensure_ascii=False))

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the names, sizes and times of all files that matter."""
        root = self._connector_file.parent
        folders = [*(root / name for name in _FOLDERS), _CODE, _CODE / "model", _CODE / "checks"]
        files = [self._connector_file, *self._code]
        seen = sorted({*map(_state, map(str, files)), *_states(folders)})
        return sha256(repr(seen).encode()).hexdigest()

    def _file(self, name: str) -> Path:
        place = sha256(str(self._connector_file).encode()).hexdigest()[:16]
        return cache_folder("definitions") / f"{place}-{name}.json"


def _states(folders: Iterable[Path]) -> Iterator[tuple[str, int, int]]:
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith((".yaml", ".py")):
                    status = entry.stat()
                    yield entry.path, status.st_mtime_ns, status.st_size


def _state(path: str) -> tuple[str, int, int]:
    status = os.stat(path)  # noqa: PTH116 - as fast as it can be
    return path, status.st_mtime_ns, status.st_size


def _encoded(value: Json) -> Json:
    """Return a value as JSON, in which every object says by `@` what it is."""
    from .model import Words

    if isinstance(value, Words):
        fields = {name: _encoded(getattr(value, name)) for name in value.model_fields_set}
        return {**fields, "@": type(value).__name__}
    if isinstance(value, tuple):
        return {"@": "tuple", "items": [_encoded(item) for item in value]}
    if isinstance(value, dict):
        return {"@": "dict", "items": [[key, _encoded(item)] for key, item in value.items()]}
    return [_encoded(item) for item in value] if isinstance(value, list) else value


def _decoded(kept: JsonObject) -> Json:
    """Return what an object stands for; json calls this for the inner ones first."""
    kind = kept.pop("@", None)
    if kind is None:
        return kept
    if kind == "tuple":
        return tuple(kept["items"])
    if kind == "dict":
        return dict(kept["items"])
    from . import model

    words: type[model.Words] = getattr(model, kind)
    return words.model_construct(**kept)
