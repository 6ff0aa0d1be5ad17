"""Schemas of answers whose references lead nowhere are told before anything is paid for."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector import Connector, InputError

NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}


def accept(schema: Any) -> None:
    response = {"responseFormat": "JSON", "responseSchema": schema}
    form = Connector.load().definition.form("ask")
    form.accept({"model": "m", "userPrompt": "x", "response": response})


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"properties": {"a": {"$ref": "#/$defs/typo"}}}, "'#/$defs/typo', which does not exist"),
        ({"$dynamicRef": "#nope"}, "'#nope', which does not exist"),
        ({"$ref": "#"}, "leads back to itself"),
        ({"$dynamicRef": "#"}, "leads back to itself"),
        ({"$ref": "https://example.com/a.json"}, "only references inside the schema work"),
        (
            {
                "$ref": "#/$defs/a",
                "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
            },
            "leads back to itself",
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(schema: Any, told: str) -> None:
    with pytest.raises(InputError) as raised:
        accept(schema)
    assert told in str(raised.value)


def test_a_schema_may_hold_itself_further_down() -> None:
    accept({"$ref": "#/$defs/node", "$defs": {"node": NODE}})
