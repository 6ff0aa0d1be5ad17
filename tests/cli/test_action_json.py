"""The exchange format of one action: reading and writing it loses nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from openrouter_connector import Connector, InputError
from openrouter_connector.definition.exchange import ActionStep, read_action, write_action

COMPONENT = Connector.load().definition.component

values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)
objects = some.dictionaries(some.text(), values, max_size=4)
types = some.sampled_from([COMPONENT.type_of(name) for name in COMPONENT.actions])
known = some.fixed_dictionaries(
    {"type": types, "parameters": objects}, optional={"label": values, "name": values}
)
actions = some.builds(lambda others, action: others | action, objects, known)


@given(actions, some.randoms())
@settings(max_examples=100, deadline=None)
def test_reading_and_writing_keeps_all_keys_in_order(action: dict[str, Any], random: Any) -> None:
    keys = list(action)
    random.shuffle(keys)
    shuffled = {key: action[key] for key in keys}

    written = write_action(read_action(shuffled, COMPONENT))

    assert written == action
    assert list(written) == keys


@given(types, objects, some.none() | some.text(), some.none() | some.text(), objects)
@settings(max_examples=100, deadline=None)
def test_writing_and_reading_keeps_all_values(
    kind: str, parameters: Any, label: str | None, name: str | None, extra: dict[str, Any]
) -> None:
    own = {"type", "parameters", "label", "name"}
    foreign = {key: value for key, value in extra.items() if key not in own}
    step = ActionStep(kind, parameters, label, name, foreign)

    assert read_action(write_action(step), COMPONENT) == step


def test_a_step_knows_its_action() -> None:
    step = read_action({"type": "openRouter/v1/createSpeech"}, COMPONENT)

    assert (step.action, step.parameters, step.label, step.name) == ("createSpeech", {}, None, None)


def test_an_action_is_written_in_the_exchange_format() -> None:
    step = ActionStep("openRouter/v1/ask", {"model": "m"}, "Ask", "ask")

    assert list(write_action(step)) == ["label", "name", "parameters", "type"]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ([], "an action must be a JSON object"),
        ("ask", "an action must be a JSON object"),
        ({}, "type: is missing; it names the action, such as 'openRouter/v1/ask'"),
        ({"type": None}, "type: is missing"),
        ({"type": 5}, "type: 5 must name an action, such as 'openRouter/v1/ask'"),
        ({"type": "ask"}, "type: 'ask' must name an action"),
        ({"type": "slack/v1/ask"}, "belongs to the component 'slack', not to 'openRouter'"),
        ({"type": "openRouter/v2/ask"}, "has version v2; this component has v1"),
        ({"type": "openRouter/v1/aks"}, "the action 'aks' does not exist; did you mean 'ask'?"),
        ({"type": "openRouter/v1/ask", "parameters": []}, "parameters: must be an object"),
    ],
)
def test_an_invalid_action_is_rejected_with_the_reason(action: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_action(action, COMPONENT)

    assert message in str(caught.value)


def test_all_problems_of_an_action_are_reported_together() -> None:
    with pytest.raises(InputError) as caught:
        read_action({"type": "slack/v1/ask", "parameters": 1}, COMPONENT)

    assert [problem.path for problem in caught.value.problems] == ["parameters", "type"]
