"""Imports go down only, and only one package speaks HTTP."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "openrouter_connector"
ROOT = Path(__file__).parents[1] / "src" / PACKAGE
LEVELS = """
    __main__
    faces
    __init__
    flows
    connector
    connect_options actions
    connections
    openrouter sandbox
    runtime
    definition
    hooks
    json_schema
    secret http_server plain_json offload suggest blocking parameters cache_folder
    values
    notebook
    errors money secret_spellings validation_messages
"""
LEVEL = {part: level for level, row in enumerate(LEVELS.split("\n")) for part in row.split()}
# A server is a face of its own, and a command starts it.
STARTED = {
    ("faces/cli/commands/serve", "http"),
    ("faces/cli/commands/studio", "http"),
    ("faces/cli/commands/mcp", "mcp"),
}
SHARED = "listening"  # what the servers among the faces have in common
SPEAKS_HTTP = ROOT / "runtime" / "http"  # and a file that is downloaded, by its own rules
DOWNLOAD = ROOT / "runtime" / "files" / "download.py"


@cache
def imports(file: Path) -> list[list[str]]:
    """Give what a file imports at run time, as steps: `openrouter_connector`, `runtime`, `poll`."""
    return list(_imports(file))


def _imports(file: Path) -> Iterator[list[str]]:
    package = [PACKAGE, *file.relative_to(ROOT).parts[:-1]]
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    for node in waiting:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            start = above + (node.module.split(".") if node.module else [])
            yield from ([*start, alias.name] for alias in node.names)
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            waiting += ast.iter_child_nodes(node)


def ours() -> Iterator[tuple[list[str], list[str]]]:
    """Give pairs of the steps of a file of ours, and of what it imports of ours."""
    for file in sorted(ROOT.rglob("*.py")):
        for package, *steps in imports(file):
            if package == PACKAGE:
                part = steps[0] if steps and steps[0] in LEVEL else "__init__"
                yield list(file.relative_to(ROOT).with_suffix("").parts), [part, *steps[1:]]


def test_every_part_has_its_level() -> None:
    found = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - {"__pycache__"} <= set(LEVEL)


def test_imports_go_down() -> None:
    up = [
        (file, steps)
        for file, steps in ours()
        if file[0] != steps[0] and LEVEL[file[0]] >= LEVEL[steps[0]]
    ]
    assert up == []


def test_hooks_are_found_by_name_only() -> None:
    assert [(file, steps) for file, steps in ours() if steps[0] == "hooks" != file[0]] == []


def test_faces_do_not_know_each_other() -> None:
    faces = [(file, steps) for file, steps in ours() if file[0] == steps[0] == "faces"]
    across = {("/".join(file), steps[1]) for file, steps in faces if file[1] != steps[1]}
    assert {(file, other) for file, other in across if other != SHARED} == STARTED


def test_only_one_package_speaks_http() -> None:
    clients = {"httpx", "httpx_aiohttp", "aiohttp"}
    speak = {file for file in ROOT.rglob("*.py") if clients & {steps[0] for steps in imports(file)}}
    assert {file for file in speak if not file.is_relative_to(SPEAKS_HTTP)} == {DOWNLOAD}
