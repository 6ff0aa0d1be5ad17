"""JSON that is always valid, whatever a server or a model put into a value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.plain_json import to_json_text, to_plain_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def strict(text: str) -> Any:
    """Parse as RFC 8259 has it."""

    def refuse(word: str) -> Any:
        raise ValueError(word)

    text.encode()
    return json.loads(text, parse_constant=refuse)


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_what_is_written_is_json_and_what_is_json_stays(value: Any) -> None:
    told = strict(to_json_text(value, indent=2))
    assert told == to_plain_json(value)
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
    except ValueError:
        return
    assert told == json.loads(text)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"cost": float("nan"), "n": float("-inf")}, {"cost": None, "n": None}),
        ({"a\ud800": "b\udfff"}, {"a?": "b?"}),
        (10**5000, None),
        (10**100, 10**100),
        ((1, {2: True}), [1, {"2": True}]),
    ],
    ids=["not finite", "lone surrogates", "too long a number", "a long number", "other types"],
)
def test_what_json_cannot_hold_is_replaced(value: Any, told: Any) -> None:
    assert strict(to_json_text(value)) == told


def test_a_deep_value_is_written_and_nothing_of_it_is_lost() -> None:
    deep: Any = "bottom"
    for _ in range(900):
        deep = [deep]
    told = strict(to_json_text(deep, indent=2))
    for _ in range(2000):
        if isinstance(told, str) and told != "bottom":
            told = json.loads(told)
        if told == "bottom":
            return
        (told,) = told
    raise AssertionError("the bottom is missing")


def test_a_value_too_deep_to_be_read_is_cut() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert "nested too deep" in to_json_text({"a": deep})
