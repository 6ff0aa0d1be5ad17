"""n8n's If, Filter and Switch become containers, and decide here what they decide there."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector.flows.formats import Imported, import_flow
from openrouter_connector.flows.formats.expressions import read_condition

STATE = "={{ $json.state }}"


def agent(name: str, text: str = "Hi", **more: Any) -> dict[str, Any]:
    kind = "@n8n/n8n-nodes-langchain.agent"
    return {"name": name, "type": kind, "parameters": {"promptType": "define", "text": text}} | more


def node(name: str, kind: str, **parameters: Any) -> dict[str, Any]:
    return {"name": name, "type": f"n8n-nodes-base.{kind}", "parameters": parameters}


def imported(links: str, *nodes: dict[str, Any]) -> Imported:
    """Import nodes with links such as `Form > If, If:1 > A`; `>>` leads from a tool.

    Agents are served by a model.
    """
    model = node("Model", "lmChatOpenRouter", model="sandbox/echo")
    agents = [one["name"] for one in nodes if ".agent" in one["type"]]
    serving = [{"node": name, "type": "ai_languageModel", "index": 0} for name in agents]
    connections: dict[str, Any] = {"Model": {"ai_languageModel": [serving]}}
    for link in links.split(", "):
        start, sign, end = link.split(" ")
        start, _, output = start.partition(":")
        kind = "ai_tool" if sign == ">>" else "main"
        lists = connections.setdefault(start, {kind: []})[kind]
        lists += [[] for _ in range(int(output or 0) + 1 - len(lists))]
        lists[int(output or 0)].append({"node": end, "type": kind, "index": 0})
    return import_flow({"nodes": [model, node("Form", "formTrigger"), *nodes],
                        "connections": connections})  # fmt: skip


def compared(
    left: Any, operation: str, right: Any = "", kind: str = "string", **options: Any
) -> dict[str, Any]:
    """The parameters of a node with one comparison."""
    operator = {"type": kind, "operation": operation}
    one = {"leftValue": left, "rightValue": right, "operator": operator}
    settings = {"caseSensitive": True, "typeValidation": "strict", **options}
    return {"conditions": {"options": settings, "conditions": [one], "combinator": "and"}}


NEW = compared(STATE, "equals", "new")


def rules(*found: dict[str, Any], names: tuple[str, ...] = (), **options: Any) -> dict[str, Any]:
    """The parameters of a Switch with these rules."""
    values = [
        {**rule, **({"outputKey": names[index], "renameOutput": True} if names else {})}
        for index, rule in enumerate(found)
    ]
    return {"rules": {"values": values}, "options": options}


def outline(tasks: list[Any]) -> list[Any]:
    """Tasks as labels, containers as `[label, expression, {slot: tasks}]`."""
    found: list[Any] = []
    for task in tasks:
        given = task["parameters"]
        slots = {slot: outline(given[slot]) for slot in ("caseTrue", "caseFalse", "default")
                 if given.get(slot)}  # fmt: skip
        slots |= {case["key"]: outline(case["tasks"]) for case in given.get("cases", ())}
        is_container = not task["type"].startswith("openRouter")
        found.append([task["label"], given.get("expression"), slots] if is_container
                     else task["label"])  # fmt: skip
    return found


def messages(found: Imported, kind: Any = "choose") -> list[str]:
    return [fix.message for fix in found.report.of(kind)]


def test_an_if_is_a_condition_with_the_calls_of_both_outputs() -> None:
    found = imported(
        "Form > If, If:0 > Yes, If:1 > No",
        node("If", "if", **NEW), agent("Yes", "={{ $json.topic }}"), agent("No"),
    )  # fmt: skip
    (task,) = found.flow.tasks
    assert (task["type"], task["name"]) == ("condition/v1", "if")
    assert task["parameters"]["rawExpression"] is True
    assert outline([task]) == [["If", "state == 'new'", {"caseTrue": ["Yes"], "caseFalse": ["No"]}]]
    assert task["parameters"]["caseTrue"][0]["parameters"]["userPrompt"] == "${topic}"
    assert found.flow.check().can_run
    assert messages(found) == []
    assert "the if 'If' is condition/v1" in messages(found, "converted")


def test_a_filter_runs_its_calls_only_for_what_it_keeps() -> None:
    found = imported("Form > Keep, Keep > A", node("Keep", "filter", **NEW), agent("A"))
    assert outline(found.flow.tasks) == [["Keep", "state == 'new'", {"caseTrue": ["A"]}]]


def test_what_both_outputs_lead_to_follows_the_container() -> None:
    found = imported(
        "Form > If, If:0 > A, A > B, B > Both, If:1 > C, C > Both, Both > After",
        node("If", "if", **NEW), agent("A"), agent("B"), agent("C"), node("Both", "noOp"),
        agent("After"),
    )  # fmt: skip
    cases = {"caseTrue": ["A", "B"], "caseFalse": ["C"]}
    assert outline(found.flow.tasks) == [["If", "state == 'new'", cases], "After"]


@pytest.mark.parametrize("join", ["merge", "noOp"])
def test_what_follows_both_cases_reads_the_one_that_ran(join: str) -> None:
    found = imported(
        "Form > If, If:0 > A, If:1 > B, A > Join, B > Join, Join > After",
        node("If", "if", **NEW), agent("A"), agent("B"), node("Join", join),
        agent("After", "={{ $json.output }}"),
    )  # fmt: skip
    after = found.flow.tasks[-1]
    assert after["parameters"]["userPrompt"] in ("${(a ?: b)}", "${(b ?: a)}")
    assert found.flow.check().can_run


def test_an_output_that_goes_around_the_calls_gives_what_went_into_the_if() -> None:
    found = imported(
        "Form > If, If:0 > A, A > After, If:1 > After",
        node("If", "if", **NEW), agent("A"), agent("After", "={{ $json.output }}"),
    )  # fmt: skip
    assert found.flow.tasks[-1]["parameters"]["userPrompt"] == "${(a ?: output)}"
    assert "output" in found.flow.inputs


def test_ifs_behind_each_other_are_containers_inside_each_other() -> None:
    found = imported(
        "Form > If, If:1 > Second, Second:0 > A, Second:1 > B, If:0 > C",
        node("If", "if", **NEW), node("Second", "if", **compared(STATE, "exists")),
        agent("A"), agent("C"), agent("B"),
    )  # fmt: skip
    inner = ["Second", "state != null", {"caseTrue": ["A"], "caseFalse": ["B"]}]
    assert outline(found.flow.tasks) == [
        ["If", "state == 'new'", {"caseTrue": ["C"], "caseFalse": [inner]}]
    ]


def test_an_if_without_a_call_behind_it_is_left_out() -> None:
    found = imported(
        "Form > A, A > If, If:0 > Mail", agent("A"), node("If", "if", **NEW), node("Mail", "gmail")
    )
    assert outline(found.flow.tasks) == ["A"]
    assert "outputs" not in found.flow.document
    dropped = messages(found, "dropped")
    assert "'If' (if) decides nothing that a call of OpenRouter waits for" in dropped


def test_a_disabled_if_decides_nothing() -> None:
    found = imported("Form > If, If > A", node("If", "if", **NEW) | {"disabled": True}, agent("A"))
    assert outline(found.flow.tasks) == ["A"]


def test_a_condition_reads_the_step_before_it() -> None:
    found = imported(
        "Form > Judge, Judge > If, If:0 > A",
        agent("Judge"), node("If", "if", **compared("={{ $json.output }}", "contains", "yes")),
        agent("A"),
    )  # fmt: skip
    assert outline(found.flow.tasks)[1][:2] == ["If", "contains(judge, 'yes')"]
    assert list(found.flow.inputs) == []


def test_each_call_is_an_output_of_the_flow_if_one_is_inside_a_case() -> None:
    found = imported("Form > If, If:0 > A", node("If", "if", **NEW), agent("A"), agent("B"))
    values = {one["name"]: one["value"] for one in found.flow.document["outputs"]}
    assert values == {"a": "${a}", "b": "${b}"}


def test_the_report_points_at_the_step_in_its_case() -> None:
    found = imported("Form > If, If:1 > A", node("If", "if", **NEW),
                     agent("A", "={{ $json.items.map(f) }}"))  # fmt: skip
    (fix,) = found.report.of("choose")
    assert fix.place == "tasks[0].parameters.caseFalse[0].parameters.userPrompt"


def test_inputs_have_the_type_with_which_they_are_compared() -> None:
    found = imported(
        "Form > If, If:0 > A, A > Keep, Keep > B",
        node("If", "if", **compared("={{ $json.paid }}", "true", kind="boolean")),
        agent("A"),
        node("Keep", "filter", **compared("={{ $('Form').item.json.votes }}", "gt", 2, "number")),
        agent("B"),
    )
    assert {name: one["type"] for name, one in found.flow.inputs.items()} == {
        "paid": "boolean",
        "votes": "number",
    }


def test_inputs_that_only_a_case_reads_may_be_missing() -> None:
    found = imported(
        "Form > If, If:0 > A, If:1 > B",
        node("If", "if", **NEW), agent("A", "={{ $json.text }}"), agent("B", "={{ $json.more }}"),
        agent("C", "={{ $('Form').item.json.more }}"),
    )  # fmt: skip
    required = {name: one["required"] for name, one in found.flow.inputs.items()}
    assert required == {"text": False, "more": True, "state": True}


def test_an_input_that_is_tested_to_exist_may_be_missing() -> None:
    exists = compared(STATE, "notEmpty")
    found = imported("Form > If, If:0 > A", node("If", "if", **exists), agent("A"))
    assert found.flow.inputs["state"]["required"] is False


def test_what_an_expression_cannot_say_is_left_to_choose() -> None:
    code = "={{ $json.tags.map(t => t.id) }}"
    test = compared(code, "contains", "x", "array")
    found = imported("Form > If, If:0 > A", node("If", "if", **test), agent("A"))
    (task,) = found.flow.tasks
    words = "`{{ $json.tags.map(t => t.id) }} contains x`"
    assert task["metadata"] == {"n8n": {"decides": words}}
    assert task["parameters"]["expression"] == ""
    assert [one.path for one in found.flow.check().problems] == ["tasks[0].parameters.expression"]
    message = f"'If' decides by {words}, which an expression cannot say; write its expression"
    assert message in messages(found)
    assert found.report.whole_calls == ()  # it is not known when the call runs
    assert list(found.flow.inputs) == []


def test_a_call_that_runs_again_is_reported() -> None:
    found = imported(
        "Form > A, A > If, If:0 > B, If:1 > A",
        node("If", "if", **compared("={{ $json.output }}", "equals", "yes")), agent("B"),
        agent("A", "={{ $json.topic }}"),
    )  # fmt: skip
    assert outline(found.flow.tasks) == ["A", ["If", "a == 'yes'", {"caseTrue": ["B"]}]]
    assert messages(found) == ["ran again after 'If'; here it runs once. Put it into loop"]


def test_a_loop_over_items_is_reported() -> None:
    found = imported("Form > Loop, Loop:1 > A, A > Loop", node("Loop", "splitInBatches"),
                     agent("A"))  # fmt: skip
    (message,) = messages(found)
    assert message == "ran again for each batch of 'Loop'; here it runs once. Put it into each"


def test_more_nodes_that_decide_than_a_flow_has_levels_are_reported() -> None:
    names = [f"If{number}" for number in range(60)]
    links = [f"{one}:0 > {other}" for one, other in zip(names, [*names[1:], "A"], strict=True)]
    ifs = [node(name, "if", **NEW) for name in names]
    found = imported(", ".join(["Form > If0", *links]), *ifs, agent("A"))
    assert found.flow.check().can_run
    message = "more than 20 nodes decide whether it runs; the others are left out"
    assert messages(found) == [message]


def test_a_tool_runs_where_its_agent_does() -> None:
    tool = agent("Tool") | {"type": "@n8n/n8n-nodes-langchain.agentTool"}
    nodes = (node("If", "if", **NEW), agent("A"), tool)
    ((_, _, cases),) = outline(imported("Form > If, If:0 > A, Tool >> A", *nodes).flow.tasks)
    assert sorted(cases["caseTrue"]) == ["A", "Tool"]


# Comparisons

X, Y = "={{ $json.x }}", "={{ $json.y }}"


def expression(**parameters: Any) -> str:
    """The expression of an If."""
    found = imported("Form > If, If:0 > A", node("If", "if", **parameters), agent("A"))
    return str(found.flow.tasks[0]["parameters"]["expression"])


@pytest.mark.parametrize(
    ("left", "operation", "right", "kind", "expected"),
    [
        (X, "equals", "it's", "string", "x == 'it''s'"),
        (X, "notEquals", "a", "string", "x != 'a'"),
        (X, "equals", Y, "string", "string(x) == string(y)"),
        (X, "equals", "", "string", "string(x) == ''"),
        (X, "notContains", "a", "string", "not contains(x, 'a')"),
        (X, "startsWith", "a", "string", "startsWith(string(x), 'a')"),
        (X, "notEndsWith", "a", "string", "not endsWith(string(x), 'a')"),
        (X, "notEmpty", "", "string", "not isEmpty(x)"),
        (X, "regex", "^/start", "string", "startsWith(string(x), '/start')"),
        (X, "regex", "/^yes$|ok/i", "string",
         "toLowerCase(string(x)) == 'yes' or contains(toLowerCase(string(x)), 'ok')"),
        (X, "regex", r"\d+", "string", ""),
        ("={{ $json.x.trim() }}", "equals", "a", "string", "trim(x) == 'a'"),
        ("=Dear {{ $json.x }}", "equals", "Dear Ann", "string",
         "('' + 'Dear ' + (x)) == 'Dear Ann'"),
        (X, "equals", "${y}", "string", "x == '$' + '{y}'"),
        (X, "equals", 2, "number", "x == 2"),
        (X, "gte", 2.5, "number", "x != null and x >= 2.5"),
        ("={{ $json.x.length }}", "lt", "3", "number", "size(x) < 3"),
        (X, "empty", "", "number", "x == null"),
        (X, "true", "", "boolean", "x == true"),
        (X, "false", "", "boolean", "x != true"),
        ("={{ $json.x > 1 && $json.y }}", "true", "", "boolean", "((x > 1) and y) == true"),
        (True, "true", "", "boolean", "true == true"),
        (X, "after", "={{ $now.minus({days: 7}) }}", "dateTime",
         "x != null and atZone(x, 'UTC') > atZone(now().minus(7, 'days'), 'UTC')"),
        (X, "contains", "a", "array", "contains(x, 'a')"),
        (X, "lengthGt", 2, "array", "size(x) > 2"),
        (X, "notEmpty", "", "object", "not isEmpty(x)"),
        (X, "notExists", "", "string", "x == null"),
        (X, "sounds like", "a", "string", ""),
    ],
)  # fmt: skip
def test_comparisons(left: Any, operation: str, right: Any, kind: str, expected: str) -> None:
    found = expression(**compared(left, operation, right, kind))
    assert found == expected
    assert not found or not read_condition(found).problems


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (compared(X, "equals", "Ab", caseSensitive=False), "equalsIgnoreCase(x, 'Ab')"),
        (compared(X, "contains", "Ab", caseSensitive=False),
         "contains(toLowerCase(string(x)), 'ab')"),
        (compared(X, "equals", "1", typeValidation="loose"), "string(x) == '1'"),
        (compared(X, "gt", 1, "number", typeValidation="loose"), "x != null and double(x) > 1"),
        (compared(X, "true", kind="boolean", typeValidation="loose"),
         "not contains({'', '0', 'false'}, toLowerCase(string(x)))"),
        ({"conditions": {"string": [{"value1": X, "value2": "a"}]}}, "x == 'a'"),
        ({"conditions": {"number": [{"value1": X, "operation": "larger"}]}},
         "double(x ?: 0) > 0"),
        ({"conditions": {"boolean": [{"value1": X}]}}, "x == false"),
        ({"conditions": {"boolean": [{"value1": X, "value2": True}],
                         "string": [{"value1": Y, "operation": "isEmpty"}]},
          "combineOperation": "any"}, "x == true or contains({'', '[]', '{}'}, string(y))"),
        ({"conditions": {}}, "true"),
    ],
)  # fmt: skip
def test_options_and_older_versions(parameters: dict[str, Any], expected: str) -> None:
    assert expression(**parameters) == expected


@pytest.mark.parametrize(
    ("combinator", "expected"),
    [
        ("and", "(x != null and x > 1) and y == 'a'"),
        ("or", "(x != null and x > 1) or y == 'a'"),
    ],
)
def test_several_comparisons_are_combined(combinator: str, expected: str) -> None:
    parts = [compared(X, "gt", 1, "number"), compared(Y, "equals", "a")]
    listed = [one for part in parts for one in part["conditions"]["conditions"]]
    both = {"conditions": {**NEW["conditions"], "conditions": listed, "combinator": combinator}}
    assert expression(**both) == expected


@pytest.mark.parametrize(
    ("parameters", "values", "holds"),
    [
        (compared(X, "notEquals", "a"), {}, True),
        (compared(X, "startsWith", "a"), {}, False),
        (compared(X, "empty"), {}, True),
        (compared(X, "equals", Y), {"y": ""}, True),
        (compared(X, "gt", 1, "number"), {}, False),
        (compared(X, "notEquals", 1, "number"), {}, True),
        (compared(X, "false", kind="boolean"), {}, True),
        (compared(X, "notContains", "a", "array"), {}, True),
        (compared(X, "true", kind="boolean", typeValidation="loose"), {"x": "False"}, False),
        (compared(X, "true", kind="boolean", typeValidation="loose"), {"x": "yes"}, True),
        (compared(X, "equals", False, "boolean", typeValidation="loose"), {}, False),
        (compared(X, "after", "2026-01-01T00:00:00Z", "dateTime"),
         {"x": "2026-01-01T01:30:00+02:00"}, False),
    ],
)  # fmt: skip
def test_a_missing_or_converted_value_counts_as_in_n8n(
    parameters: dict[str, Any], values: dict[str, Any], holds: bool
) -> None:
    assert bool(read_condition(expression(**parameters)).evaluate(values)) is holds


# Switch


def switched(parameters: dict[str, Any], *outputs: int) -> Imported:
    """Import a Switch with an agent for each of these outputs, called after it."""
    links = ["Form > Switch", *(f"Switch:{output} > {output}" for output in outputs)]
    agents = [agent(str(output)) for output in outputs]
    return imported(", ".join(links), node("Switch", "switch", **parameters), *agents)


KINDS = (compared(STATE, "equals", "a"), compared(STATE, "equals", "b"))


def test_a_switch_between_texts_is_a_branch_on_the_value() -> None:
    found = switched(rules(*KINDS), 0, 1)
    assert found.flow.tasks[0]["type"] == "branch/v1"
    assert outline(found.flow.tasks) == [["Switch", "${state}", {"a": ["0"], "b": ["1"]}]]
    assert found.flow.check().can_run


def test_the_fallback_of_a_switch_is_the_default_and_other_rules_have_empty_cases() -> None:
    found = switched(rules(*KINDS, fallbackOutput="extra"), 0, 2)
    assert outline(found.flow.tasks) == [
        ["Switch", "${state}", {"default": ["2"], "a": ["0"], "b": []}]
    ]


@pytest.mark.parametrize(
    ("parameters", "outputs", "expected"),
    [
        (rules(NEW, compared(X, "exists"), names=("New", "Known")), (0, 1),
         ["Switch", "=state == 'new' ? 'New' : x != null ? 'Known' : null",
          {"New": ["0"], "Known": ["1"]}]),
        (rules(NEW, compared(X, "exists"), KINDS[0]), (1,),
         ["Switch", "state != 'new' and x != null", {"caseTrue": ["1"]}]),
        (rules(*KINDS, fallbackOutput="extra"), (2,),
         ["Switch", "${state}", {"default": ["2"], "a": [], "b": []}]),
        (rules(*KINDS, fallbackOutput=0), (0, 1),
         ["Switch", "=state == 'a' ? '0' : state == 'b' ? '1' : '0'",
          {"0": ["0"], "1": ["1"]}]),
        ({"mode": "expression", "output": X, "numberOutputs": 3}, (0, 2),
         ["Switch", "=int(x)", {0: ["0"], 2: ["2"]}]),
        ({"mode": "rules", "dataType": "string", "value1": X, "fallbackOutput": 3,
          "rules": {"rules": [{"value2": "a", "output": 1}, {"value2": "b", "output": 1},
                              {"value2": "c", "operation": "contains", "output": 2}]}}, (1, 3),
         ["Switch", "=x == 'a' or x == 'b' ? '1' : contains(string(x), 'c') ? null : 'fallback'",
          {"1": ["1"], "fallback": ["3"]}]),
    ],
)  # fmt: skip
def test_a_switch_chooses_the_first_rule_that_holds(
    parameters: dict[str, Any], outputs: tuple[int, ...], expected: list[Any]
) -> None:
    found = switched(parameters, *outputs)
    assert outline(found.flow.tasks) == [expected]
    assert found.flow.check().can_run


def test_a_call_behind_several_outputs_of_a_switch_is_in_one_case() -> None:
    found = imported(
        "Form > Switch, Switch:0 > A, Switch:2 > A, Switch:1 > B, Switch:0 > C",
        node("Switch", "switch", **rules(*KINDS, compared(X, "exists"))),
        agent("A"), agent("B"), agent("C"),
    )  # fmt: skip
    both = "state == 'a' or state != 'b' and x != null"
    assert outline(found.flow.tasks) == [
        ["Switch", "${state}", {"a": ["C"], "b": ["B"]}],
        ["Switch", both, {"caseTrue": ["A"]}],
    ]


def test_a_call_behind_all_outputs_of_a_switch_with_a_fallback_runs_in_any_case() -> None:
    found = imported(
        "Form > Switch, Switch:0 > A, Switch:1 > A, Switch:2 > A",
        node("Switch", "switch", **rules(*KINDS, fallbackOutput="extra")), agent("A"),
    )  # fmt: skip
    assert outline(found.flow.tasks) == ["A"]


def test_a_switch_that_sends_to_all_matching_outputs_is_a_condition_for_each() -> None:
    found = switched(rules(NEW, compared(X, "exists"), allMatchingOutputs=True), 0, 1)
    assert outline(found.flow.tasks) == [
        ["Switch", "state == 'new'", {"caseTrue": ["0"]}],
        ["Switch", "x != null", {"caseTrue": ["1"]}],
    ]


def test_a_switch_without_rules_is_left_to_choose() -> None:
    found = switched({}, 1)
    assert found.flow.check().problems
    assert any(text.startswith("'Switch' decides by ") for text in messages(found))
