"""Models, voices and connections that completion offers: what lies on disk, read without a key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...cache_folder import cache_folder, write_cache_file

_LISTS = 20
"""Lists that are looked into, the newest first."""


def known_models(modalities: Sequence[str]) -> Mapping[str, str]:
    """Return the ids of models that return one of the modalities, with their names."""
    return {
        row["id"]: row["name"]
        for row in _rows()
        if not modalities or set(modalities) & set(row["returns"])
    }


def known_voices(model: str) -> Mapping[str, str]:
    """Return the voices of a model; without one, those of all."""
    rows = [row for row in _rows() if model in ("", row["id"])]
    return {voice: "" for row in rows for voice in row["voices"]}


def connection_names() -> Mapping[str, str]:
    """Return the names of the saved connections with their base URLs."""
    from ...connections.folder_location import default_folder

    found = {}
    for file in (default_folder() / "connections").glob("*.json"):
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            record = json.loads(file.read_bytes())
            found[str(record["name"])] = str(record.get("properties", {}).get("baseUrl") or "")
    return found


def _rows() -> list[dict[str, Any]]:
    """Return what is needed of the rows of cached lists; it is kept until one of them changes."""
    lists = _newest(cache_folder("lists"))
    seen = [[path, changed] for path, changed in lists]
    summary = cache_folder("completion") / "models.json"
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(summary.read_bytes())
        if kept["lists"] == seen:
            return list(kept["rows"])
    rows = {row["id"]: row for path, _ in reversed(lists) for row in _summaries(Path(path))}
    with suppress(OSError):
        write_cache_file(summary, json.dumps({"lists": seen, "rows": list(rows.values())}))
    return list(rows.values())


def _newest(folder: Path) -> list[tuple[str, int]]:
    with suppress(OSError), os.scandir(folder) as entries:
        files = [
            (entry.path, entry.stat().st_mtime_ns)
            for entry in entries
            if entry.name.endswith(".json")
        ]
        return sorted(files, key=lambda file: -file[1])[:_LISTS]
    return []


def _summaries(file: Path) -> Iterator[dict[str, Any]]:
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        for row in json.loads(file.read_bytes())["rows"]:
            if isinstance(row.get("id"), str):
                yield {
                    "id": row["id"],
                    "name": str(row.get("name") or ""),
                    "returns": _returned(row),
                    "voices": row.get("supported_voices") or [],
                }


def _returned(row: dict[str, Any]) -> list[str]:
    """Return what a model returns; the lists of videos and embeddings do not say it."""
    named = (row.get("architecture") or {}).get("output_modalities")
    return list(named or (["video"] if "supported_resolutions" in row else []))
