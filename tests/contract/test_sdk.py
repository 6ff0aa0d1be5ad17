"""What we send, the models of OpenRouter's own Python SDK understand, and lose nothing of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import BaseModel

from openrouter_connector import Connector, InputError
from support.parameters import MODELS, PATHS, every, few, parameters_of

Sent = Callable[[str, Any], tuple[str, Any]]

# The API's pages tell of these, and the SDK does not; `route` it has left out as outdated.
UNKNOWN = {
    *("verbosity", "user", "audio", "route"),
    *("reasoning.max_tokens", "reasoning.exclude", "reasoning.enabled"),
    *("safeguards", "fallbacks"),  # which it reads, and loses when it writes
}
# Objects that the SDK keeps as they are, or types in part: what is in them is the user's own.
FREE = {"image_config", "variables", "prediction", "parameters", "schema"}


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
        understood = models[path].model_validate(body).model_dump(by_alias=True, mode="json")
        extra = set(parameters.get("extraBody") or ())
        assert [*_lost(body, understood, UNKNOWN | extra)] == []

    holds()


BODIES = {
    "sendFeedback": "SubmitGenerationFeedbackRequest",
    "queryAnalytics": "QueryAnalyticsRequestBody",
    "createKey": "CreateKeysRequestBody",
    "updateKey": "UpdateKeysRequestBody",
}


@pytest.mark.parametrize("action", BODIES)
def test_what_an_account_action_sends_is_understood_by_the_sdk(
    connector: Connector, sent: Sent, action: str
) -> None:
    from openrouter import components, operations

    package = components if BODIES[action] in components.__all__ else operations
    model = getattr(package, BODIES[action])

    @few
    @given(parameters_of(connector.definition.form(action).action))
    def holds(parameters: Any) -> None:
        _, body = sent(action, parameters)
        understood = model.model_validate(body).model_dump(by_alias=True, mode="json")
        assert [*_lost(_without_times(body), _without_times(understood), set())] == []

    holds()


def _without_times(body: Any) -> Any:
    """Leave out times, which the SDK writes in another of the valid ways."""
    return {key: value for key, value in body.items() if key not in ("expires_at", "time_range")}


def test_a_field_that_the_sdk_does_not_know_would_be_noticed_at_every_depth(
    models: dict[str, type[BaseModel]],
) -> None:
    turn = {"text": "Hello", "tempo": 3}
    body = {"model": "a/b", "input": [turn], "provider": {"zdr": True, "zrd": True}}
    understood = models["/audio/speech"].model_validate(body).model_dump(by_alias=True)
    assert [*_lost(body, understood, set())] == ["input[0].tempo", "provider.zrd"]


def _lost(sent: Any, understood: Any, unknown: set[str], path: str = "") -> Iterator[str]:
    """Name what the SDK lost or changed of a body, at every depth."""
    if isinstance(sent, dict) and isinstance(understood, dict):
        for key, value in sent.items():
            place = f"{path}.{key}" if path else key
            if place in unknown or (path and key in FREE):
                continue
            if key not in understood:
                yield place
            else:
                yield from _lost(value, understood[key], unknown, place)
    elif isinstance(sent, list) and isinstance(understood, list) and len(sent) == len(understood):
        for place, (one, other) in enumerate(zip(sent, understood, strict=True)):
            yield from _lost(one, other, unknown, f"{path}[{place}]")
    elif sent != understood:
        yield f"{path} is {sent!r}, and to the SDK {understood!r}"
