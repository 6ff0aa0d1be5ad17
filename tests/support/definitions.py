"""Small definitions for tests, written to a folder and read through the public door."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from openrouter_connector import Connector
from openrouter_connector.definition.load import Definition, load_component
from openrouter_connector.definition.model import snake
from openrouter_connector.errors import DefinitionError

PROJECT = Path(__file__).parents[2]
CONNECTOR = """
name: demo
version: 1
title: Demo
description: A demonstration.
icon: icons/demo.svg
baseUrl: https://api.example/v1
connection:
  title: Bearer Token
  type: BEARER_TOKEN
  properties: [{name: token, type: STRING, required: true}]
  test: GET /key
actions: [%s]
"""
HEAD = """
name: %s
title: An action
description: It acts.
request: POST /act
output: {type: STRING, path: text}
"""
MODELS = "name: models\nrequest: GET /models\nitems: data\nvalue: id\nlabel: name"


def written(folder: Path, **files: str) -> Definition:
    """Write `action="properties: …"` and others, and load them.

    An action that does not begin with its name gets a head. `connector` is `connector.yaml`, and
    `options__models` is `definitions/options/models.yaml`.
    """
    connector = files.pop("connector", None)
    definitions = folder / "definitions"
    actions = [name for name in files if "__" not in name]
    for name, text in files.items():
        file = definitions / f"{snake(name).replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        text = dedent(text).lstrip()
        headless = name in actions and not text.startswith("name:")
        file.write_text(HEAD % name + text if headless else text, encoding="utf-8")
    if connector is None:
        connector = CONNECTOR % ", ".join(actions)
    (folder / "connector.yaml").write_text(connector, encoding="utf-8")
    return load_component(folder)


def toy(folder: Path, *, cache: Path | None = None, **files: str) -> Connector:
    """Write a component of such files that works without a token, and load it."""
    actions = ", ".join(name for name in files if "__" not in name)
    tokenless = (CONNECTOR % actions).replace("{name: token, type: STRING, required: true}", "")
    written(folder, connector=tokenless, **files)
    return Connector.load(folder, cache=cache)


def problems(load: Callable[[], Definition]) -> list[str]:
    """Give what is wrong with a definition, as a user reads it."""
    with pytest.raises(DefinitionError) as raised:
        load().check()
    return [str(problem) for problem in raised.value.problems]


def altered(folder: Path, **changes: dict[str, str]) -> Connector:
    """Load our definition from a folder, with other words in some of its files."""
    shutil.copytree(PROJECT / "definitions", folder / "definitions")
    shutil.copy(PROJECT / "connector.yaml", folder)
    for name, replaced in changes.items():
        file = folder / "definitions" / f"{name}.yaml"
        text = file.read_text("utf-8")
        for old, new in replaced.items():
            assert old in text
            text = text.replace(old, new)
        file.write_text(text, "utf-8")
    return Connector.load(folder)
