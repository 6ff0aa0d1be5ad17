"""Imported flows run as their source did."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector.flows.formats import import_flow
from support import n8n
from support.runs import Running, said

LANGCHAIN = "@n8n/n8n-nodes-langchain"
IS_NEW = {
    "leftValue": "={{ $json.state }}",
    "rightValue": "new",
    "operator": {"type": "string", "operation": "equals"},
}


def agent(name: str, text: str) -> dict[str, Any]:
    parameters = {"promptType": "define", "text": text}
    return {"name": name, "type": f"{LANGCHAIN}.agent", "parameters": parameters}


def to(*names: str, kind: str = "main") -> list[dict[str, Any]]:
    return [{"node": name, "type": kind, "index": 0} for name in names]


WORKFLOW = {
    "nodes": [
        {
            "name": "Model",
            "type": f"{LANGCHAIN}.lmChatOpenRouter",
            "parameters": {"model": "sandbox/echo"},
        },
        {
            "name": "If",
            "type": "n8n-nodes-base.if",
            "parameters": {"conditions": {"conditions": [IS_NEW], "combinator": "and"}},
        },
        agent("Yes", "={{ $json.topic }}, yes"),
        agent("No", "={{ $json.topic }}, no"),
        agent("After", "=so: {{ $json.output }}"),
    ],
    "connections": {
        "If": {"main": [to("Yes"), to("No")]},
        "Yes": {"main": [to("After")]},
        "No": {"main": [to("After")]},
        "Model": {"ai_languageModel": [to("Yes", "No", "After", kind="ai_languageModel")]},
    },
}


@pytest.mark.parametrize(("state", "ran", "not_run"), [("new", "yes", "no"), ("old", "no", "yes")])
def test_an_if_of_n8n_runs_one_of_its_cases(
    running: Running, state: str, ran: str, not_run: str
) -> None:
    flow = import_flow(WORKFLOW).flow
    found = running.result_of(flow, {"state": state, "topic": "tea"}).outputs
    assert said(found[ran]).startswith(f"tea, {ran}")
    assert found[not_run] is None
    assert said(found["after"]).startswith("so: ")
    assert f"tea, {ran}" in found["after"]


@pytest.mark.parametrize(
    ("state", "x", "ran"), [("new", "a", {"a"}), ("old", "a", {"b"}), ("old", "c", {"a"})]
)
def test_a_call_to_which_an_if_and_a_switch_lead_runs_if_one_of_them_chose_it(
    running: Running, state: str, x: str, ran: set[str]
) -> None:
    known = n8n.rules(n8n.compared(n8n.X, "equals", "a"), fallbackOutput="extra")
    flow = n8n.imported(
        "Form > If, If:0 > A, If:1 > Switch, Switch:0 > B, Switch:1 > A",
        n8n.node("If", "if", **n8n.NEW), n8n.node("Switch", "switch", **known),
        n8n.agent("A"), n8n.agent("B"),
    ).flow  # fmt: skip
    found = running.result_of(flow, {"state": state, "x": x}).outputs
    assert {name for name, value in found.items() if value is not None} == ran
