"""Generate the reference page, the types of the actions, the schemas of the format, and tables.

    python docs/generate.py            write changed files, and print their names
    python docs/generate.py --check    write nothing; print stale files and exit with 1

A table inside a page is between `<!-- derived: name -->` and `<!-- end -->`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from openrouter_connector.definition.derive.format_schema import format_schemas, format_tables
from openrouter_connector.definition.derive.python_stub import python_stub
from openrouter_connector.definition.derive.reference import reference
from openrouter_connector.definition.load import load_component
from openrouter_connector.faces.cli.exit_codes import exit_code_table
from openrouter_connector.sandbox import fault_table

ROOT = Path(__file__).resolve().parents[1]
TABLES: dict[str, Callable[[], str]] = {
    "words": format_tables,
    "faults": fault_table,
    "exitcodes": exit_code_table,
}
PLACE = re.compile(r"(<!-- derived: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Write or check all generated files. Return 1 if a check finds a stale one."""
    stale = {file: text for file, text in _derived() if _read(file) != text}
    for file, text in stale.items():
        print(file.relative_to(ROOT), "is stale" if "--check" in arguments else "is written")
        if "--check" not in arguments:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        print("run `make docs`")
        return 1
    return 0


def _derived() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with its text."""
    definition = load_component(ROOT)
    component = definition.component
    page = ROOT / "docs" / "reference" / f"{component.name}_v{component.version}.md"
    yield page, reference(definition)
    yield ROOT / "src" / "openrouter_connector" / "actions.pyi", python_stub(definition)
    for name, schema in format_schemas().items():
        text = json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False)
        yield ROOT / "definitions" / "schema" / name, text + "\n"
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = _read(page) or ""
        if PLACE.search(text):
            yield (
                page,
                PLACE.sub(lambda place: f"{place[1]}\n{TABLES[place[2]]()}\n\n{place[3]}", text),
            )


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
