"""Exported programs run, whatever the steps are called and whatever they read."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.flows.formats import export_flow
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of each test: one that others use keeps only its last requests."""
    with Sandbox() as running:
        yield running


SCHEMA = '{"type": "object", "properties": {"city": {"type": "string"}}}'


def ask(name: str, prompt: str, **more: Any) -> dict[str, Any]:
    parameters = {
        "model": "sandbox/echo",
        "format": "SIMPLE",
        "userPrompt": prompt,
        "response": {"responseFormat": "TEXT"},
        **more,
    }
    return {"name": name, "type": "openRouter/v1/ask", "parameters": parameters}


def asked_for_json(name: str) -> dict[str, Any]:
    response = {"responseFormat": "JSON", "responseSchema": SCHEMA}
    return ask(name, "A city", response=response)


def prompts(steps: list[Any], sandbox: Sandbox, **more: Any) -> list[str]:
    """Run the program of a flow, and return the prompts that it sent."""
    exported = export_flow(Flow.from_json({"tasks": steps, **more}), "python")
    before = len(sandbox.requests)
    variables = {
        **os.environ,
        "OPENROUTER_API_KEY": Sandbox.token,
        "OPENROUTER_BASE_URL": sandbox.base_url,
    }
    done = subprocess.run(
        [sys.executable, "-c", exported.text], env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    bodies = [one.body for one in sandbox.requests[before:] if one.method == "POST"]
    return [body["messages"][-1]["content"] for body in bodies if "messages" in body]


def test_names_of_steps_shadow_nothing(sandbox: Sandbox) -> None:
    names = ["print", "str", "connector", "class", "read_template"]
    steps = [ask(name, f"Nr {index} ${{{names[index - 1]}}}" if index else "First")
             for index, name in enumerate(names)]  # fmt: skip
    sent = prompts(steps, sandbox)
    assert len(sent) == len(names)
    assert sent[1].startswith("Nr 1 ")
    assert "First" in sent[1]


def test_steps_of_similar_names_have_variables_of_their_own(sandbox: Sandbox) -> None:
    sent = prompts([ask("a_b", "One"), ask("a b", "Two"), ask("", "Three"), ask("", "Four"),
                    ask("z", "Again ${a_b}")], sandbox)  # fmt: skip
    assert sent[:4] == ["One", "Two", "Three", "Four"]
    assert "One" in sent[4]
    assert "Two" not in sent[4]


def test_texts_join_as_in_a_flow(sandbox: Sandbox) -> None:
    text = "Obj: ${a}, none: ${a.missing.y}, price: ${'${'}x}"
    sent = prompts([asked_for_json("a"), ask("b", text)], sandbox)
    said, _, rest = sent[1].removeprefix("Obj: ").partition(", none: ")
    assert isinstance(json.loads(said), dict)
    assert rest == ", price: ${x}"


def test_formulas_and_inputs_are_computed(sandbox: Sandbox) -> None:
    inputs = [{"name": "city", "default": "Rome"}, {"name": "n", "defaultValue": 3}]
    text = "${inputs.city} ${city} ${n + 1} ${size(city)}"
    steps = [ask("a", text, temperature="=n / 3")]
    assert prompts(steps, sandbox, inputs=inputs) == ["Rome Rome 4 4"]


def test_a_file_of_a_step_goes_into_the_next(sandbox: Sandbox) -> None:
    speech = {
        "name": "say",
        "type": "openRouter/v1/createSpeech",
        "parameters": {"model": "sandbox/speaker", "input": "Hello", "voice": "alba"},
    }
    sent = prompts([speech, ask("a", "The file is ${say.name}")], sandbox)
    assert sent[-1] == "The file is speech.mp3"


def test_steps_that_are_left_out_are_reported() -> None:
    steps = [{"name": "v", "type": "var/v1/set", "parameters": {"value": 1}}, ask("a", "${v}")]
    exported = export_flow(Flow.from_json({"tasks": steps}), "python")
    assert [str(note) for note in exported.notes] == [
        "tasks[0]: is var/v1/set, and left out",
        "tasks[1].parameters.userPrompt: holds '${v}'; write its value there",
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=4), st.text(max_size=20))
def test_any_names_and_texts_make_a_program(names: list[str], text: str) -> None:
    steps = [ask(name, text) for name in names]
    exported = export_flow(Flow.from_json({"tasks": steps}), "python")
    tree = ast.parse(exported.text)
    assigned = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
    variables = [one.id for one in assigned if isinstance(one, ast.Name)]
    assert len(set(variables)) == len(variables) == len(names) + 2


@pytest.mark.parametrize("name", ["\u00b2", "\ufb01", "1a", "__builtins__", "\u00df"])
def test_odd_names_are_names_of_python(name: str) -> None:
    text = export_flow(Flow.from_json({"tasks": [ask(name, "Hi")]}), "python").text
    compile(text, "program", "exec")
    assert "__builtins__ =" not in text
