"""Write the OpenAPI document of the HTTP interface, from which the Studio's types are made.

python -m tools.openapi            print it
python -m tools.openapi FILE       write it, unless the file holds it already
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from openrouter_connector import Connector, FileStore
from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.faces.http.app import create_app
from openrouter_connector.flows.store import FlowStore


def main(arguments: list[str]) -> int:
    """Print the document, or write it to a file if it differs."""
    text = document()
    if not arguments:
        print(text, end="")
        return 0
    file = Path(arguments[0])
    # A file that stays as old as it was makes nothing else stale.
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    return 0


def document() -> str:
    """Return the document as JSON."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app(
            Connector.load(),
            FileStore(folder / "files"),
            None,
            ConnectionStore(folder / "config"),
            FlowStore(folder / "flows"),
        )
        return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
