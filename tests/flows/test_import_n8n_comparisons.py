"""What n8n's If, Filter and Switch compare becomes expressions that hold for the same values."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector.flows.formats.expressions import read_condition
from support.n8n import NEW, X, Y, agent, compared, imported, node


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
        ({"conditions": {}}, ""),
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
