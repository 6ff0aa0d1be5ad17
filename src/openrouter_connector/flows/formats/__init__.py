"""Read, understand, check and write flows. Needs no extra and starts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .exporters import Exported, export_flow
    from .importers import Imported, import_flow
    from .report import Fix, FixUpReport

__all__ = ["Exported", "Fix", "FixUpReport", "Imported", "export_flow", "import_flow"]

# Found when first asked for: a check of a flow needs no importer.
_HOMES = {
    "Exported": "exporters",
    "Fix": "report",
    "FixUpReport": "report",
    "Imported": "importers",
    "export_flow": "exporters",
    "import_flow": "importers",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
