"""Every request that an action can build is one that OpenRouter's own documents allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from openrouter_connector import Connector, InputError
from parameters import MODELS, PATHS, every, parameters_of

Sent = Callable[[str, Any], tuple[str, Any]]


@pytest.fixture(scope="module")
def validators(document: Any) -> dict[str, Draft202012Validator]:
    """A validator of the request body of each path."""
    return {path: _validator(document, path) for path in PATHS}


def _validator(document: Any, path: str) -> Draft202012Validator:
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return Draft202012Validator({**body["schema"], "components": document["components"]})


@pytest.mark.parametrize("action", MODELS)
def test_what_an_action_sends_is_allowed_by_the_openapi_document(
    connector: Connector, sent: Sent, validators: dict[str, Draft202012Validator], action: str
) -> None:
    @every
    @given(parameters_of(connector.definition.form(action).action))
    def holds(parameters: Any) -> None:
        try:
            path, body = sent(action, parameters)
        except InputError:
            return  # refused before it was sent
        faults = validators[path].iter_errors(body)
        assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []

    holds()


def test_a_request_that_is_wrong_would_be_noticed(
    sent: Sent, validators: dict[str, Draft202012Validator]
) -> None:
    path, body = sent("ask", {"model": "a/b", "userPrompt": "Hello"})
    assert validators[path].is_valid(body)
    assert not validators[path].is_valid(body | {"messages": [{"role": "narrator"}]})
    assert not validators[path].is_valid(body | {"provider": {"allowFallbacks": True}})
