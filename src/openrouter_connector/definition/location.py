"""Where a `connector.yaml` is."""

from __future__ import annotations

from pathlib import Path


def connector_file(path: str | Path | None) -> Path:
    """Return the `connector.yaml` at a path or in a folder; without one, our own."""
    if path is not None:
        chosen = Path(path)
        return chosen / "connector.yaml" if chosen.is_dir() else chosen
    # A wheel carries the definition inside the package; a checkout has it at the top.
    package = Path(__file__).parents[1]
    installed = package / "component" / "connector.yaml"
    return installed if installed.is_file() else package.parents[1] / "connector.yaml"
