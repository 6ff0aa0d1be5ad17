"""The commands of the docs can be parsed, and name actions and parameters that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from openrouter_connector.definition.load import load_component
from openrouter_connector.faces.cli import COMMANDS, command_parser

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
DEFINITION = load_component()


def commands() -> Iterator[str]:
    """Yield the words of each command in the code blocks of the pages."""
    for page in PAGES:
        fences = re.split(r"^```(.*)\n", page.read_text("utf-8"), flags=re.MULTILINE)
        for language, block in zip(fences[1::4], fences[2::4], strict=True):
            if language in {"", "sh", "bash"}:
                for line in block.replace("\\\n", " ").splitlines():
                    yield from re.findall(
                        r"^(?:\w+=\S+ |.*\| )?(?:openrouter-connector|orc) (\w.*)", line
                    )


LINES = sorted(set(commands()))


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_docs_is_valid(line: str) -> None:
    name, *words = shlex.split(line.rstrip("& "), comments=True)
    words = list(takewhile(lambda word: word not in ("<", "|", ">"), words))
    found = command_parser(name, words)
    assert found, f"there is no command {name}"
    parser, _ = found
    is_action = name not in COMMANDS
    args = parser.parse_intermixed_args(words) if is_action else parser.parse_args(words)
    if getattr(args, "action", None) not in DEFINITION.component.actions:
        return  # of another component, or of a file
    properties = {prop.name for prop in DEFINITION.form(args.action).action.properties}
    given = {pair.partition("=")[0] for pair in getattr(args, "pairs", None) or []}
    assert {re.split(r"\W", path)[0] for path in given} <= properties


def test_every_command_is_in_the_docs() -> None:
    assert {line.split()[0] for line in LINES} >= set(COMMANDS) - {"demo"}
