"""Values in the path of a request: encoded segment by segment, and never out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, InputError
from support import definitions
from support.scripted_server import response, scripted

FIND = """
name: find
title: Find
description: Find a thing.
request: GET /things/{id}?part=all
properties:
  - {name: id, type: STRING, required: true}
output: {type: STRING, path: name, required: true}
"""


@pytest.fixture
def toy(tmp_path: Path) -> Connector:
    return definitions.toy(tmp_path, find=FIND)


@pytest.mark.parametrize("concurrent", [True, False])
def test_a_slash_stays_and_the_rest_is_encoded(toy: Connector, concurrent: bool) -> None:
    options: dict[str, Any] = {"concurrent": concurrent}
    with scripted(response({"name": "found"})) as server:
        found = toy.run("find", {"id": "a b/c:free?x#y"}, base_url=server.base_url, **options)
    assert found.output == "found"
    assert server.requests[0].path == "/api/v1/things/a%20b/c:free%3Fx%23y?part=all"


@pytest.mark.parametrize("value", ["..", "a/../../keys", ".", "a//b", "", "/a"])
def test_a_value_that_climbs_is_refused_unsent(toy: Connector, value: str) -> None:
    with (
        scripted(response({})) as server,
        pytest.raises(InputError, match="cannot stand in a path"),
    ):
        toy.run("find", {"id": value}, base_url=server.base_url)
    assert server.requests == []
