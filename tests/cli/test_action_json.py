"""The JSON of one action: read and written, and nothing lost on the way."""

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
def test_what_is_read_is_written_again_in_its_order(action: dict[str, Any], random: Any) -> None:
    keys = list(action)
    random.shuffle(keys)
    shuffled = {key: action[key] for key in keys}

    written = write_action(read_action(shuffled, COMPONENT))

    assert written == action
    assert list(written) == keys


@given(types, objects, some.none() | some.text(), some.none() | some.text(), objects)
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_again(
    kind: str, parameters: Any, label: str | None, name: str | None, extra: dict[str, Any]
) -> None:
    own = {"type", "parameters", "label", "name"}
    foreign = {key: value for key, value in extra.items() if key not in own}
    step = ActionStep(kind, parameters, label, name, foreign)

    assert read_action(write_action(step), COMPONENT) == step


def test_a_step_knows_its_action() -> None:
    step = read_action({"type": "openRouter/v1/createSpeech"}, COMPONENT)

    assert (step.action, step.parameters, step.label, step.name) == ("createSpeech", {}, None, None)


def test_an_action_is_written_as_people_exchange_it() -> None:
    step = ActionStep("openRouter/v1/ask", {"model": "m"}, "Ask", "ask")

    assert list(write_action(step)) == ["label", "name", "parameters", "type"]


@pytest.mark.parametrize(
    ("action", "told"),
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
def test_what_is_no_action_of_ours_is_told_why(action: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read_action(action, COMPONENT)

    assert told in str(caught.value)


def test_all_problems_of_an_action_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        read_action({"type": "slack/v1/ask", "parameters": 1}, COMPONENT)

    assert [problem.path for problem in caught.value.problems] == ["parameters", "type"]
