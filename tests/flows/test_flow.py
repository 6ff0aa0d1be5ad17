"""Flows as data: read, checked and written without loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector.errors import FileError, InputError
from openrouter_connector.flows.flow import Flow
from support.flows import ask, flow, messages, task

DOCUMENT = {
    "label": "Loss",
    "extra": [1, 2.5, None, {"z": 1, "a": "NO"}],
    "inputs": [],
    "tasks": [
        {
            "type": "unknown/v1/thing",
            "metadata": {"ui": {"x": 1}},
            "name": "thing_1",
            "parameters": {
                "when": "2026-01-01",
                "text": "line\nbreak: yes",
                "empty": "",
                "like": "0E0",
            },
            "clusterElements": {},
        }
    ],
}


@pytest.mark.parametrize("name", ["flow.json", "flow.yaml"])
def test_a_flow_survives_a_round_trip_with_its_order(tmp_path: Path, name: str) -> None:
    Flow.from_json(DOCUMENT).save(tmp_path / name)
    again = Flow.load(tmp_path / name)
    assert json.dumps(again.document) == json.dumps(DOCUMENT)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_one_action_is_a_flow_of_one_step() -> None:
    assert [step.type for step in Flow.from_json(ask("ask_1", "Hi")).steps] == ["openRouter/v1/ask"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a flow must be an object"),
        ("[1]", "a flow must be an object"),
        ('{"tasks": {}}', "tasks: must be a list"),
        ('{"tasks": [3, {}]}', "tasks[0]: must be an object"),
        ("tasks: [", "is neither JSON nor YAML (line"),
        ("a: 1\na: 2", "is neither JSON nor YAML"),
        ('{"tasks": [], "tasks": []}', "stands twice"),
        ('{"tasks": ' + "[" * 500 + "]" * 500 + "}", "levels"),
        (
            "\n".join(
                ["a0: &a0 [x]"]
                + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
            ),
            "contains more than",
        ),
    ],
)
def test_what_is_no_flow_is_one_clear_error(text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        Flow.from_text(text)
    assert message in str(raised.value)


def test_a_missing_file_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        Flow.load(tmp_path / "gone.json")


def test_two_steps_of_one_name_are_a_problem() -> None:
    (problem,) = flow(ask("ask_1", "a"), ask("ask_1", "b")).check().problems
    assert problem.path == "tasks[1].name"
    assert "'ask_1' is the name of tasks[0] too" in problem.message


def test_steps_of_which_only_one_runs_may_share_a_name() -> None:
    cases = task(
        "c", "condition/v1", rawExpression=True, expression="true",
        caseTrue=[ask("answer", "a")], caseFalse=[ask("answer", "b")],
    )  # fmt: skip
    assert messages(flow(cases, ask("end", "${answer}")).check()) == []


def test_a_variable_may_be_set_many_times() -> None:
    assert (
        len(flow(task("v", "var/v1/set", value=1), task("v", "var/v1/set", value="=v + 1")).steps)
        == 2
    )


def test_a_step_reads_what_ran_before_it() -> None:
    checked = flow(
        ask("ask_1", "Hi"), ask("ask_2", "${ask_1}"), ask("ask_3", "=ask_1 + ask_2")
    ).check()
    assert checked.can_run
    assert checked.needs == {"ask_1": (), "ask_2": ("ask_1",), "ask_3": ("ask_1", "ask_2")}


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([ask("a", "${b}"), ask("b", "x")], "reads 'b', which runs later"),
        ([ask("a", "${nobody.x}")], "reads 'nobody', which no step, input or trigger is called"),
        ([ask("ask_1", "x"), ask("b", "${ask_l}")], "did you mean 'ask_1'"),
        ([ask("a", "${a}")], "which is not finished when this step starts"),
        ([ask("a", "${b}"), ask("b", "${a}")], "the steps wait for each other: "),
        (
            [
                task("e", "each/v1", items="={1}", iteratee=ask("in", "${e.item}")),
                ask("z", "${in}"),
            ],
            "reads 'in', which runs many times inside 'e'",
        ),
        (
            [task("p", "parallel/v1", tasks=[ask("l", "x"), ask("r", "${l}")])],
            "reads 'l', which runs at the same time",
        ),
    ],
)
def test_a_step_cannot_read_what_is_not_there(tasks: list[Any], message: str) -> None:
    assert any(message in one for one in messages(flow(*tasks).check()))


def test_inputs_triggers_loops_and_branches_can_be_read() -> None:
    checked = flow(
        task(
            "c",
            "condition/v1",
            rawExpression=True,
            expression="${trigger_1.x}==0 and city != null",
            caseTrue=[ask("yes", "${city}")],
            caseFalse=[],
        ),
        task("l", "loop/v1", items="${trigger_1.rows}", iteratee=[ask("row", "${l.item['a b']}")]),
        ask("end", "${yes} ${metadata.yes.cost}"),
        inputs=[{"name": "city", "type": "string"}],
        triggers=[{"name": "trigger_1", "type": "manual/v1/manual"}],
    ).check()
    assert messages(checked) == []
    assert checked.needs["end"] == ("yes",)


def test_a_mistyped_formula_is_a_warning() -> None:
    (warning,) = flow(ask("a", "=sise(b)")).check().warnings
    assert (warning.path, "did you mean 'size'" in warning.message) == (
        "tasks[0].parameters.userPrompt", True
    )  # fmt: skip


def test_steps_that_will_not_run_are_listed() -> None:
    checked = flow(task("s", "slack/v1/sendMessage", text="x")).check()
    assert not checked.can_run
    assert checked.unsupported == {"tasks[0]": "slack/v1/sendMessage"}


def test_the_form_of_an_action_is_checked_where_its_values_are_known() -> None:
    checked = flow(
        ask("a", "x", temperature=9), ask("b", "${a}", modle="x"), task("c", model="${a}")
    ).check()
    found = messages(checked)
    assert any(one.startswith("tasks[0].parameters.temperature: ") for one in found)
    assert any(
        "tasks[1].parameters.modle" in one and "did you mean 'model'" in one for one in found
    )
    assert not any(".model:" in one for one in found)


def test_an_unknown_action_is_a_problem_with_the_nearest_name() -> None:
    (problem,) = flow(task("a", "openRouter/v1/aks")).check().problems
    assert problem.path == "tasks[0].type" and "did you mean 'ask'" in problem.message


@pytest.mark.parametrize("name", ["metadata", "inputs", "true", "Mod", "lt"])
def test_a_step_with_the_name_of_a_word_is_a_problem(name: str) -> None:
    (problem,) = flow(ask(name, "x")).check().problems
    assert problem.path == "tasks[0].name" and "means something else" in problem.message


def test_a_flow_of_a_newer_version_is_a_problem() -> None:
    (problem,) = flow(task("a", "openRouter/v2/ask")).check().problems
    assert "is of version v2" in problem.message


def test_the_fields_of_an_answer_are_known() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    response = {"responseFormat": "JSON", "responseSchema": json.dumps(schema)}
    checked = flow(
        ask("a", "x", response=response),
        task("m", "map/v1", items="={1,2}", iteratee=ask("i", "${m.item}")),
        ask("t", "x"),
    ).check()
    assert checked.outputs["a"] == schema
    assert checked.outputs["m"] == {"type": "array", "items": {"type": "string"}}
    assert checked.outputs["t"] == {"type": "string"}


def test_five_thousand_steps_are_read_and_checked_quickly() -> None:
    tasks = [ask(f"ask_{n}", f"${{ask_{n - 1}}}" if n else "x") for n in range(5000)]
    text = json.dumps({"tasks": tasks})
    assert len(Flow.from_text(text).check().needs) == 5000


def test_a_flow_is_written_for_bytechef_without_a_key() -> None:
    written = flow(ask("a", "x", note="sk-or-v1-0123456789abcdef0123456789abcdef")).to_bytechef()
    assert json.loads(written)["tasks"][0]["type"] == "openRouter/v1/ask"
    assert "0123456789abcdef" not in written
