"""Draw `docs/demo.svg`, the output of `make demo`. Run it again when the output changes."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from re import DOTALL, sub
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

WIDTH = 122


def main() -> None:
    """Run the demo in an empty folder, and save its output as SVG."""
    terminal = {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TERM": "xterm-256color"}
    with TemporaryDirectory() as folder:
        shown = subprocess.run(
            [sys.executable, "-m", "openrouter_connector", "demo"],
            cwd=folder,
            env=os.environ | terminal,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.decode()
    console = Console(record=True, width=WIDTH, file=StringIO())
    console.print(Text.from_ansi("$ make demo\n" + shown.split("What to try next")[0].rstrip()))
    drawn = console.export_svg(title="openrouter-connector")
    # Use the reader's fonts: an image in a README must not download any.
    drawn = sub(r"@font-face \{.*?\}", "", drawn, flags=DOTALL)
    Path(__file__).with_name("demo.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
