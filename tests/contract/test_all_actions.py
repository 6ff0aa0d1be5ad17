"""The actions that a catalogue of OpenRouter's API lists are here, with all their parameters."""

from __future__ import annotations

from pathlib import Path
from re import DOTALL, MULTILINE, findall

import pytest

from openrouter_connector.definition.load import load_component
from openrouter_connector.definition.model import Action, Property, snake

DEFINITION = load_component()
PREFIX = "openrouter_ai_"


@pytest.fixture(scope="module")
def listed(shared: Path) -> dict[str, set[str]]:
    """Give the parameters of each action of the catalogue, as it names them."""
    pages = (file.read_text("utf-8") for file in sorted((shared / "reference/seeds").glob("*.txt")))
    page = next(text for text in pages if f"{PREFIX}create_messages" in text)
    tables = findall(
        rf"^{PREFIX}(\w+)\n[^|\n]+ Parameters:(.*?)(?=^{PREFIX}|\Z)", page, MULTILINE | DOTALL
    )
    return {name: set(findall(r"^([\w-]+) \| [\w\[\]]+ \| (?:Yes|No) ", table, MULTILINE))
            for name, table in tables}  # fmt: skip


def test_every_action_of_the_catalogue_is_here(listed: dict[str, set[str]]) -> None:
    ours = {DEFINITION.form(name).action.operation_id for name in DEFINITION.component.actions}
    assert len(listed) == 22
    assert set(listed) - {snake(name) for name in ours if name} == set()


def test_every_parameter_of_the_catalogue_is_here(listed: dict[str, set[str]]) -> None:
    assert sum(map(len, listed.values())) > 150
    for name in DEFINITION.component.actions:
        action = DEFINITION.form(name).action
        assert listed.get(snake(action.operation_id or ""), set()) - _taken(action) == set(), name


def _taken(action: Action) -> set[str]:
    return {name for prop in action.properties for name in _names(prop)}


def _names(prop: Property) -> set[str]:
    """Give what a parameter is called on the wire, and in a path."""
    sent = prop.send.to if prop.send else None
    return {prop.name or "", snake(prop.name or ""), sent or snake(prop.name or "")}
