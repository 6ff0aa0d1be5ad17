"""A small component of its own beside OpenRouter's, and ways to perform on a scripted server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, FileStore, Result
from support import definitions
from support.scripted_server import ASK, Ask

GET_THING = """
name: getThing
title: Get Thing
description: Read a thing, which may be done as often as one likes.
request: GET /things/{thing}
properties: [{name: thing, label: Thing, type: STRING, required: true}]
output: {type: STRING, path: value, required: true}
"""
CREATE_VIDEO = """
name: createVideo
title: Create Video
description: Make a film, which is a job.
request: POST /videos
poll: {request: "GET /videos/{id}", status: status, done: [completed],
  failed: [failed, cancelled, expired], error: error, every: 0.05, within: 1,
  then: "GET /videos/{id}/content"}
properties:
  - {name: model, label: Model, type: STRING, required: true}
  - {name: prompt, label: Prompt, type: STRING, required: true}
output: {type: FILE_ENTRY, file: {name: video}}
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def get(toy: Connector, concurrent: bool) -> Ask:
    """Read a thing of the toy, which is a GET."""

    def performed(base_url: str, **options: Any) -> Result:
        options = {"token": "sk-or-v1-test", "concurrent": concurrent, **options}
        return toy.run("getThing", {"thing": "a b/c"}, base_url=base_url, **options)

    return performed


@pytest.fixture
def toy(tmp_path: Path) -> Connector:
    """A component with a GET and a long job."""
    return definitions.toy(tmp_path / "toy", getThing=GET_THING, createVideo=CREATE_VIDEO)


@pytest.fixture(params=[False, True], ids=["single", "pooled"])
def concurrent(request: pytest.FixtureRequest) -> bool:
    """Both of the ways to send; what is promised of one holds for the other."""
    return bool(request.param)


@pytest.fixture
def ask(connector: Connector, store: FileStore, concurrent: bool) -> Ask:
    """Ask a scripted server."""

    def performed(base_url: str, parameters: Any = None, **options: Any) -> Result:
        options = {
            "token": "sk-or-v1-test",
            "files": store,
            "concurrent": concurrent,
            **options,
        }
        return connector.run("ask", ASK | (parameters or {}), base_url=base_url, **options)

    return performed
