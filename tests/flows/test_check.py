"""What a flow means before it runs, in the shapes that real workflow files have."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from openrouter_connector.errors import InputError
from openrouter_connector.flows.formats.fields import fields_at
from support.flows import ask, flow, messages, task, warnings

RESPONSE = {
    "responseFormat": "JSON",
    "responseSchema": json.dumps(
        {
            "type": "object",
            "properties": {
                "people": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"first name": {"type": "string"}}},
                },
                "count": {"type": "integer"},
            },
        }
    ),
}
SPEECH = {"model": "a/b", "voice": "alloy", "responseFormat": "mp3"}


def speech(name: str, text: str) -> dict[str, Any]:
    return task(name, "openRouter/v1/createSpeech", **SPEECH, input=text)


def condition(expression: str, yes: Any = (), no: Any = (), name: str = "c") -> dict[str, Any]:
    return task(
        name, "condition/v1", rawExpression=True, expression=expression,
        caseTrue=list(yes), caseFalse=list(no),
    )  # fmt: skip


# what runs before what -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["each/v1", "map/v1", "loop/v1"])
def test_the_iteratee_of_a_loop_is_one_task_or_a_list(kind: str) -> None:
    inner = ask("inner", "${l.item} ${l.index}")
    one = flow(task("l", kind, items=[1, 2], iteratee=inner))
    several = flow(task("l", kind, items=[1, 2], iteratee=[inner, ask("next", "${inner}")]))

    assert [step.name for step in one.steps] == ["l", "inner"]
    assert [step.name for step in several.steps] == ["l", "inner", "next"]
    assert messages(one.check()) == messages(several.check()) == []
    assert several.check().needs == {"l": (), "inner": ("l",), "next": ("inner", "l")}


def test_a_map_returns_what_its_last_step_returns() -> None:
    checked = flow(
        task("m", "map/v1", items=["a"], iteratee=[ask("i", "${m.item}"), speech("s", "${i}")]),
        ask("end", "x", attachments=["${m[0]}"]),
    ).check()
    assert checked.outputs["m"]["items"]["properties"].keys() >= {"url", "mimeType"}
    assert (messages(checked), warnings(checked)) == ([], [])


def test_the_error_branch_sees_what_finished_before_the_error() -> None:
    steps = task(
        "on_error_1", "on-error/v1",
        **{"main-branch": [ask("a", "x"), ask("b", "${a}")], "on-error-branch": [ask("c", "${a}")]},
    )  # fmt: skip
    assert messages(flow(steps, ask("end", "${c}${a}")).check()) == []


def test_the_branches_of_a_fork_see_only_themselves() -> None:
    branches = [[ask("a", "x"), ask("b", "${a}")], [ask("c", "${a}")]]
    checked = flow(task("f", "fork-join/v1", branches=branches), ask("end", "${b}${c}")).check()
    assert messages(checked) == [
        "tasks[0].parameters.branches[1][0].parameters.userPrompt: "
        "reads 'a', which runs at the same time"
    ]


def test_a_step_that_comes_later_in_its_own_branch_of_a_fork_runs_later() -> None:
    checked = flow(task("f", "fork-join/v1", branches=[[ask("a", "${b}"), ask("b", "x")]])).check()
    assert any("reads 'b', which runs later" in one for one in messages(checked))


def test_a_step_cannot_read_another_case() -> None:
    checked = flow(condition("true", [ask("a", "x")], [ask("b", "${a}")])).check()
    assert messages(checked) == [
        "tasks[0].parameters.caseFalse[0].parameters.userPrompt: "
        "reads 'a', which runs in another case of 'c'"
    ]


def test_the_keys_of_cases_and_the_outputs_of_the_flow_are_read_too() -> None:
    cases = [{"key": "${wrong}", "tasks": [ask("a", "x")]}]
    checked = flow(
        task("b", "branch/v1", expression="tech", cases=cases),
        outputs=[{"name": "answer", "value": "${a}"}, {"name": "other", "value": "${lost}"}],
    ).check()
    assert [one.split(":")[0] for one in messages(checked)] == [
        "tasks[0].parameters.cases[0].key", "outputs[1].value"
    ]  # fmt: skip


def test_an_unknown_input_is_a_problem() -> None:
    checked = flow(ask("a", "${inputs.citty} ${inputs.city}"), inputs=[{"name": "city"}]).check()
    assert messages(checked) == [
        "tasks[0].parameters.userPrompt: "
        "reads the input 'citty', which does not exist; did you mean 'city'?"
    ]


@pytest.mark.parametrize("name", ["eq", "metadata", "city"])
def test_a_name_that_means_something_else_is_a_problem(name: str) -> None:
    checked = flow(ask(name, "x"), inputs=[{"name": "city"}]).check()
    assert [one.path for one in checked.problems] == ["tasks[0].name"]


def test_steps_without_parameters_are_read() -> None:
    steps = [{"name": "t", "type": "terminate/v1"}, {"name": "v", "type": "var/v1/set", "parameters": None}]  # fmt: skip # noqa: E501
    assert flow(*steps).check().can_run


def test_many_circles_and_many_containers_are_checked_quickly() -> None:
    pairs = [ask(f"a{n}", f"${{a{n + 1 if n % 2 == 0 else n - 1}}}") for n in range(2000)]
    cases = [condition("true", [ask(f"b{n}", "x")], name=f"c{n}") for n in range(4000)]
    started = time.thread_time()
    checked = flow(*pairs, *cases).check()
    assert time.thread_time() - started < 10  # less than 1 s on an idle machine
    assert sum("wait for each other" in one for one in messages(checked)) == 10


def test_a_variable_may_be_set_from_what_was_computed_from_it() -> None:
    def variable(value: str) -> dict[str, Any]:
        return task("v", "var/v1/set", value=value)

    inner = [ask("a", "${v}"), variable("${a}")]
    checked = flow(variable("x"), task("l", "loop/v1", items=[1, 2], iteratee=inner)).check()
    assert checked.can_run


def test_containers_that_are_nested_without_end_are_one_clear_error() -> None:
    step = ask("a", "x")
    for index in range(3000):
        step = task(f"l{index}", "each/v1", items=[1], iteratee=step)
    with pytest.raises(InputError, match="has more than 100 levels"):
        flow(step)


# conditions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["${a.x} ==", "T(java.time.Instant).now()", ""])
def test_a_condition_that_cannot_be_read_is_a_problem(text: str) -> None:
    found = messages(flow(condition(text, [ask("a", "x")])).check())
    assert [one.split(": ")[0] for one in found] == ["tasks[0].parameters.expression"]


def test_a_condition_that_is_not_used_is_not_read() -> None:
    steps = task("c", "condition/v1", rawExpression=False, expression="${gone}", caseTrue=[],
                 conditions=[[{"type": "string", "operation": "EQUALS", "value1": "a", "value2": "b"}]])  # fmt: skip # noqa: E501
    assert messages(flow(steps).check()) == []


# containers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (task("l", "each/v1", iteratee=ask("a", "x")), "parameters.items: is missing"),
        (task("l", "map/v1", items="a, b", iteratee=[]), "parameters.items: must be a list"),
        (task("l", "loop/v1", items="${x} and more"), "parameters.items: must be a list"),
        (task("c", "condition/v1", caseTrue=[]), "parameters.conditions: must be a list of lists"),
        (task("b", "branch/v1", cases=[{"tasks": []}]), "parameters.expression: is missing"),
        (
            task("b", "branch/v1", expression="x", cases=[{"key": 1}, {"key": 1}]),
            "parameters.cases[1].key: 1 is the key of a case before",
        ),
        (task("x", "loopBreak/v1"), "type: ends a loop, but is inside none"),
        (task("a", "openRouter/v1/ask/more"), "type: 'openRouter/v1/ask/more' must name an action"),
    ],
)
def test_a_container_must_have_what_it_needs(step: dict[str, Any], problem: str) -> None:
    found = messages(flow(step, inputs=[{"name": "x"}]).check())
    assert any(one.startswith(f"tasks[0].{problem}") for one in found)


def test_a_loop_without_end_needs_no_items() -> None:
    steps = task("l", "loop/v1", loopForever=True,
                 iteratee=[condition("${l.index} > 3", [task("x", "loopBreak/v1")])])  # fmt: skip
    assert flow(steps).check().can_run


# fields and types ------------------------------------------------------------------------------


def test_a_field_that_does_not_exist_is_a_warning() -> None:
    checked = flow(
        ask("a", "x", response=RESPONSE),
        ask("b", "${a.cuont} ${a.people[0]['first name']} ${a.people.first}"),
        ask("c", "${b.text}"),
        task("l", "each/v1", items="${a.people}", iteratee=ask("i", "${l.item.last} ${l.itme}")),
        ask("d", "${l.item}"),
    ).check()
    assert messages(checked) == []
    assert [one.partition("reads ")[2] for one in warnings(checked)] == [
        "`a.cuont`, but 'a' has no field 'cuont'; did you mean 'count'?",
        "`a.people.first`, but 'a.people' is a list, of which an item must be chosen, "
        "as in [0].first",
        "`b.text`, but 'b' is text, which has no field 'text'",
        "`l.item.last`, but 'l.item' has no field 'last'",
        "`l.itme`, but 'l' has no field 'itme'; did you mean 'item'?",
        "`l.item`, but 'l' offers its item only to the steps inside it",
    ]


def test_a_value_that_does_not_fit_its_parameter_is_a_warning() -> None:
    checked = flow(
        ask("a", "x", response=RESPONSE),
        ask("b", "${a}", temperature="0.${n}", maxTokens="${a.count}"),
        ask("c", "x", attachments="${b}"),
        inputs=[{"name": "n", "type": "integer"}],
    ).check()
    assert warnings(checked) == [
        "tasks[1].parameters.userPrompt: takes text, and '${a}' is an object; "
        "choose one of its fields, or put it inside a text",
        "tasks[1].parameters.temperature: takes a number, and '0.${n}' is text",
        "tasks[2].parameters.attachments: takes a list, and '${b}' is text",
    ]


def test_what_is_known_beside_an_expression_is_checked() -> None:
    several = [{"role": "USER", "content": "${a}"}, {"role": "NOBODY", "content": "x"}]
    checked = flow(
        ask("a", "x"), ask("b", "x", format="ADVANCED", messages=several, temperature="${a}")
    ).check()
    assert [one.split(": ")[0] for one in messages(checked)] == ["tasks[1].parameters.messages[1].role"]  # fmt: skip # noqa: E501


def test_the_items_of_nested_loops_have_fields() -> None:
    inner = task("in", "each/v1", items="${out.item.people}", iteratee=ask("a", "x"))
    found = flow(
        task("m", "map/v1", items=["x"], iteratee=ask("q", "x", response=RESPONSE)),
        task("out", "each/v1", items="${m}", iteratee=inner),
    )
    fields = {field.pill: field.kind for field in fields_at(found, "a")}
    assert fields["${out.item.count}"] == "a number"
    assert fields["${in.item['first name']}"] == "text"
    assert fields["${in.index}"] == "a number"
    assert fields["${m[0].people[0]['first name']}"] == "text"
    assert "${q}" not in fields


def test_a_picker_offers_what_is_visible() -> None:
    found = flow(
        ask("a", "x"),
        condition("true", [speech("s", "${a}")], [ask("other", "x")]),
        task("v", "var/v1/set", value={"size": 3, "of": "${s}"}),
        ask("end", "x"),
        inputs=[{"name": "note", "label": "A note", "type": "file_entry"}],
        triggers=[{"name": "trigger_1", "type": "manual/v1/manual"}],
    )
    at_end = {field.pill: field for field in fields_at(found, "end")}
    assert at_end["${note}"].kind == "a file"
    assert at_end["${note}"].label == "A note"
    assert at_end["${note.url}"].kind == "text"
    assert at_end["${trigger_1}"].kind == ""
    assert at_end["${v.of.name}"].kind == "text"
    assert at_end["${metadata.a.cost}"].to_json() == {
        "path": ["metadata", "a", "cost"],
        "pill": "${metadata.a.cost}",
        "type": "number",
        "label": "a",
        "step": "a",
    }
    assert "${c}" not in at_end and "${end}" not in at_end
    assert "${s}" not in {field.pill for field in fields_at(found, "other")}
    assert "${end}" in {field.pill for field in fields_at(found, None)}


def test_the_items_of_a_formula_are_known() -> None:
    found = flow(task("l", "loop/v1", items="=range(1, 3)", iteratee=[ask("a", "x")]))
    assert {field.pill: field.kind for field in fields_at(found, "a")}["${l.item}"] == "a number"
