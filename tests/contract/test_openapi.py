"""Every request that an action can build is one that OpenRouter's own documents allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from re import escape, fullmatch, sub
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from openrouter_connector import Connector, InputError
from openrouter_connector.definition.load import load_component
from openrouter_connector.values import Call
from support.parameters import MODELS, NEWER, PATHS, documented, every, few, parameters_of

Sent = Callable[[str, Any], tuple[str, Any]]
Called = Callable[[str, Any], Call]

ACTIONS = load_component().component.actions
# Only its own pages tell of the first; the others are newer than the document.
UNDOCUMENTED = ("/private/", "/tools", "/containers/")


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
    @given(parameters_of(documented(connector.definition.form(action).action)))
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


@pytest.mark.parametrize("action", [name for name in ACTIONS if name not in {*MODELS, *NEWER}])
def test_where_an_action_calls_and_with_which_query_is_in_the_openapi_document(
    connector: Connector, called: Called, document: Any, action: str
) -> None:
    @few
    @given(parameters_of(documented(connector.definition.form(action).action)))
    def holds(parameters: Any) -> None:
        call = called(action, parameters)
        assert list(_query_faults(call, document)) == []
        assert (call.body is None) == (call.method in ("GET", "DELETE"))

    holds()


def test_a_query_that_is_wrong_would_be_noticed(document: Any) -> None:
    assert list(
        _query_faults(Call("GET", "/models/user", {"limit": "0", "most": "3"}), document)
    ) == [
        "limit: 0 is less than the minimum of 1",
        "most is not known",
    ]
    assert list(_query_faults(Call("GET", "/modles"), document)) == ["GET /modles is not known"]


def _query_faults(call: Call, document: Any) -> Iterator[str]:
    """Say what the document has against a path and a query."""
    if call.path.startswith(UNDOCUMENTED):
        return
    operation = _operation(call, document)
    if operation is None:
        yield f"{call.method} {call.path} is not known"
        return
    known = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"}
    for name, value in call.query.items():
        if name not in known:
            yield f"{name} is not known"
            continue
        schema = {**known[name]["schema"], "components": document["components"]}
        for fault in Draft202012Validator(schema).iter_errors(_read(schema, value)):
            yield f"{name}: {fault.message}"
    needed = {name for name, one in known.items() if one.get("required")}
    yield from (f"{name} is missing" for name in sorted(needed - set(call.query)))


def _operation(call: Call, document: Any) -> Any:
    """Find an operation by a path; one without gaps goes before one with gaps."""
    fitting = [
        operations[call.method.lower()]
        for path, operations in sorted(document["paths"].items(), key=lambda one: one[0].count("{"))
        if call.method.lower() in operations
        and fullmatch(sub(r"\\\{\w+\\\}", "[^/]+", escape(path)), call.path)
    ]
    return fitting[0] if fitting else None


def _read(schema: Any, value: str) -> Any:
    """Read a value of a query as its schema does."""
    kinds = schema.get("type", "string")
    if "boolean" in kinds:
        return {"true": True, "false": False}.get(value, value)
    if "integer" in kinds:
        return int(value)
    return float(value) if "number" in kinds else value
