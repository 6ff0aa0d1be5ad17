"""Calls that are made and held against rows, without sending them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from openrouter_connector import Connector, FileEntry
from openrouter_connector.openrouter.profile import OPENROUTER
from openrouter_connector.runtime.build import build
from openrouter_connector.runtime.preflight import Findings, preflight
from openrouter_connector.values import LoadedFile, ModelInfo

TODAY = date(2026, 6, 1)
PARAMETERS: dict[str, dict[str, Any]] = {
    "ask": {"userPrompt": "How are you?"},
    "createImage": {"imageMessages": [{"content": "A fox"}]},
    "createSpeech": {"input": "Good evening", "voice": "alba"},
    "createTranscription": {},
}


def file(name: str, mime_type: str, size: int = 1000, text: str | None = None) -> LoadedFile:
    """Give a file whose content nobody reads."""

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    extension = name.rpartition(".")[2]
    entry = FileEntry(extension, mime_type, name, f"data:{mime_type},x")
    return LoadedFile(entry, size, nothing, text)


def held(
    connector: Connector,
    action: str,
    row: Any,
    *,
    source: str = "models",
    prices: Any = None,
    **values: Any,
) -> Findings:
    """Hold a call of an action against a row, on the first of June."""
    form = connector.definition.form(action)
    whole = {"model": "lab/one", **PARAMETERS[action], **values}
    files = {name: whole.pop(name) for name in ("attachments", "file") if name in whole}
    # A form takes entries, and what is built of them has loaded them.
    entries = {"file": files["file"].entry.to_json()} if "file" in files else {}
    accepted = form.accept(whole | entries).values | files
    model_info = None if row is None else ModelInfo(source, row)
    # Whether a hook can live with any row is its own matter; the call is that of a model unknown.
    call = build(form.action, accepted, model_info if row and "id" in row else None)
    return preflight(
        form.action,
        accepted,
        call,
        model_info,
        profile=OPENROUTER,
        today=TODAY,
        endpoints=prices,
    )


def row(**more: Any) -> dict[str, Any]:
    """Give the row of a model that writes, as the catalogue has it."""
    return {
        "id": "lab/one",
        "context_length": 10_000,
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
        "pricing": {"prompt": "0.000001", "completion": "0.000002"},
        "top_provider": {"context_length": 10_000, "max_completion_tokens": 1000},
        "supported_parameters": ["max_tokens", "temperature", "response_format", "seed"],
        **more,
    }


def taking(*modalities: str, gives: str = "text") -> dict[str, Any]:
    """Give the row of a model that takes these modalities."""
    kinds = {"input_modalities": list(modalities), "output_modalities": [gives]}
    return row(architecture=kinds)
