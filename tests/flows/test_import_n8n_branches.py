"""n8n's If, Filter, Switch and Text Classifier become containers with the calls behind them."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector.flows.formats import Imported
from support.n8n import NEW, STATE, X, agent, compared, imported, messages, node, outline, rules


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
    assert "the if 'If' is condition/v1: `state == 'new'`" in messages(found, "converted")


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


def classifier(**options: Any) -> dict[str, Any]:
    listed = [{"category": "Sales"}, {"category": "Support"}]
    kind = "@n8n/n8n-nodes-langchain.textClassifier"
    parameters = {"inputText": "={{ $json.mail }}", "categories": {"categories": listed},
                  "options": options}  # fmt: skip
    return {"name": "Sort", "type": kind, "parameters": parameters}


def test_a_text_classifier_is_a_step_and_a_branch_on_its_category() -> None:
    found = imported(
        "Form > Sort, Sort:0 > A, Sort:1 > B",
        classifier(), agent("A", "={{ $json.mail }}"), agent("B"),
    )  # fmt: skip
    branch = ["Sort", "${sort.category}", {"Sales": ["A"], "Support": ["B"]}]
    assert outline(found.flow.tasks) == ["Sort", branch]
    (case, _) = found.flow.tasks[1]["parameters"]["cases"]
    assert case["tasks"][0]["parameters"]["userPrompt"] == "${mail}"
    assert found.flow.check().can_run


def test_what_fits_no_category_of_a_text_classifier_is_the_default() -> None:
    found = imported("Form > Sort, Sort:2 > A", classifier(fallback="other"), agent("A"))
    schema = found.flow.tasks[0]["parameters"]["response"]["responseSchema"]
    assert '"enum": ["Sales", "Support", "Other"]' in schema
    assert outline(found.flow.tasks)[1][2] == {"default": ["A"], "Sales": [], "Support": []}


def test_what_runs_after_an_error_is_left_to_choose() -> None:
    mail = node("Mail", "gmail") | {"onError": "continueErrorOutput"}
    found = imported("Form > Mail, Mail:0 > A, Mail:1 > B", mail, agent("A"), agent("B"))
    condition = ["Mail", "", {"caseTrue": ["B"]}]
    assert sorted(outline(found.flow.tasks), key=str) == sorted(["A", condition], key=str)
    message = "'Mail' decides by an error of its own, which an expression cannot say"
    assert [text for text in messages(found) if text.startswith(message)]


@pytest.mark.parametrize("kind", ["if", "filter", "switch"])
def test_no_call_is_lost_behind_an_output_that_a_node_does_not_have(kind: str) -> None:
    links = "Form > X, X:0 > A, X:1 > B, X:2 > C, X:0 > D, X:2 > D"
    agents = [agent(name) for name in "ABCD"]
    choosing = node("X", kind) | {"onError": "continueErrorOutput"}
    flow = imported(links, choosing, *agents).flow
    assert sorted(step.name for step in flow.steps if step.word == "openRouter") == [*"abcd"]
