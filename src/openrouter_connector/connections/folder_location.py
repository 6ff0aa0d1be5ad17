"""Where connections and keys are stored."""

from __future__ import annotations

import os
from pathlib import Path


def default_folder() -> Path:
    """Return the folder of connections and keys: `$OPENROUTER_CONNECTOR_CONFIG`, or the user's."""
    if folder := os.environ.get("OPENROUTER_CONNECTOR_CONFIG"):
        return Path(folder).expanduser()
    from platformdirs import user_config_path

    return user_config_path("openrouter-connector")
