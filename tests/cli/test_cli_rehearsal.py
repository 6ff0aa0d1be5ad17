"""A flow is rehearsed in the sandbox, with its real models, its faults, and at no cost."""

from __future__ import annotations

import pytest

from openrouter_connector import Connector, InputError
from openrouter_connector.flows.rehearsal import rehearsed
from support.command import Command
from support.flows import ask, flow, task

MODEL = "made/model-that-nobody-has"


def test_real_models_answer_without_a_key_and_cost_nothing(command: Command) -> None:
    flow(ask("a", "Hi", model=MODEL)).save("flow.json")
    result = command("run", "flow.json", "--rehearse", "--json")

    assert result.code == 0, result.err
    assert result.json["outputs"]["a"].endswith("Hi")
    assert result.json["cost"] == 0
    assert "(rehearsal)" in command("runs", "list").out


def test_a_step_meets_its_fault(command: Command) -> None:
    flow(ask("a", "Hi", model=MODEL), ask("b", "${a}", model=MODEL)).save("flow.json")
    result = command("run", "flow.json", "--rehearse", "b=no-credits")

    assert result.code != 0
    assert "b: failed" in result.err and "Insufficient credits" in result.err
    assert "a: done" in result.err


def test_all_that_cannot_be_rehearsed_is_listed(connector: Connector) -> None:
    given = flow(
        ask("a", "Hi", model=MODEL),
        task("p", "openRouter/v1/prompt", baseUrl="https://example.com/v1", model="x", prompt="Hi"),
        task("v", "var/v1/set", value=1),
    )
    faults = {"b": "rate-limited", "a": "rate-limit", "v": "overloaded"}
    with pytest.raises(InputError) as raised:
        rehearsed(given, connector.definition, faults)

    assert len(raised.value.problems) == 4
    for expected in (
        "no step 'b'",
        "no step 'v'",
        "mean 'rate-limited'?",
        "The faults are",
        "server of its own",
    ):
        assert expected in str(raised.value)
    assert given.document["tasks"][0]["parameters"]["model"] == MODEL
