"""Requests of every kind, built from the definition itself, and the documents they must meet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, FileStore, InputError, Session
from openrouter_connector.sandbox import Sandbox
from openrouter_connector.values import Call, Embedded
from support import openapi


@pytest.fixture(scope="module")
def sent(called: Callable[[str, Any], Call]) -> Callable[[str, Any], tuple[str, Any]]:
    """Give the path and the body that an action would send for some parameters."""

    def checked(action: str, parameters: Any) -> tuple[str, Any]:
        call = called(action, parameters)
        return call.path, json.loads(json.dumps(call.body, default=_few_bytes))

    return checked


@pytest.fixture(scope="module")
def called(
    connector: Connector, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, Any], Call]]:
    """Give the call that an action would make for some parameters."""
    store = FileStore(tmp_path_factory.mktemp("files"))

    async def opened() -> Session:
        session = connector.connect(sandbox.token, base_url=sandbox.base_url, files=store)
        return await session.__aenter__()

    def checked(action: str, parameters: Any) -> Call:
        found = runner.run(session.check(action, parameters))
        if found.call is None:
            # Only a hook refuses what the definition allows.
            assert connector.definition.form(action).action.hook, found.problems
            raise InputError(found.problems)
        return found.call

    with asyncio.Runner() as runner:
        session = runner.run(opened())
        yield checked
        runner.run(session.__aexit__(None, None, None))


def _few_bytes(value: Any) -> str:
    """Stand for the content of a file, whatever it is."""
    assert isinstance(value, Embedded)
    return f"{value.prefix}AAAA"


@pytest.fixture(scope="session")
def document(shared: Path) -> Any:
    """OpenRouter's own OpenAPI document."""
    return openapi.document()
