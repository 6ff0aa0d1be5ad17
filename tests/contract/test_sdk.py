"""What we send, the models of OpenRouter's own Python SDK understand, and lose nothing of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import BaseModel

from openrouter_connector import Connector, InputError
from support.parameters import MODELS, PATHS, every, parameters_of

Sent = Callable[[str, Any], tuple[str, Any]]

# The API's pages tell of these, and the SDK does not; `route` it has left out as outdated.
UNKNOWN = {"verbosity", "user", "audio", "route"}


@pytest.fixture(scope="module")
def models() -> dict[str, type[BaseModel]]:
    """The SDK's request model of each path."""
    from openrouter import components, operations

    return {
        path: getattr(components if name in components.__all__ else operations, name)
        for path, name in PATHS.items()
    }


@pytest.mark.parametrize("action", MODELS)
def test_what_an_action_sends_is_understood_by_the_sdk(
    connector: Connector, sent: Sent, models: dict[str, type[BaseModel]], action: str
) -> None:
    @settings(every, max_examples=50)
    @given(parameters_of(connector.definition.form(action).action))
    def holds(parameters: Any) -> None:
        try:
            path, body = sent(action, parameters)
        except InputError:
            return  # refused before it was sent
        understood = models[path].model_validate(body).model_dump(by_alias=True)
        extra = set(parameters.get("extraBody") or ())
        assert body.keys() - understood.keys() <= UNKNOWN | extra

    holds()
