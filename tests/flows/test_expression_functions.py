"""The functions of expressions return what ByteChef's of the same name return."""

from __future__ import annotations

from time import thread_time
from typing import Any

import pytest

from openrouter_connector.errors import ConnectorError
from openrouter_connector.flows.formats.expressions import ExpressionError, read_template
from openrouter_connector.flows.formats.expressions.date_functions import UNITS

SCOPE = {
    "list": ["a", "draft", "b", "draft"],
    "numbers": [42, 1],
    "pairs": [{"key": "a", "value": 1}, {"key": "b", "value": 2}],
    "date": "2026-01-31T10:00:00+00:00",
}


def value_of(text: str) -> Any:
    return read_template(f"={text}").evaluate(SCOPE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plusDays(date, 1)", "2026-02-01T10:00:00+00:00"),
        ("plusMonths(date, 1)", "2026-02-28T10:00:00+00:00"),
        ("plusMonths('2024-01-31', 1)", "2024-02-29"),
        ("minusMonths(date, 2)", "2025-11-30T10:00:00+00:00"),
        ("plusYears('2024-02-29', 1)", "2025-02-28"),
        ("minusYears(date, 26)", "2000-01-31T10:00:00+00:00"),
        ("plusWeeks('2026-01-01', 1)", "2026-01-08"),
        ("plusHours('2026-01-01', 1)", "2026-01-01T01:00:00"),
        ("plusMillis('2026-01-01', 1500)", "2026-01-01T00:00:01.500000"),
        ("minusMicros('2026-01-01', 1)", "2025-12-31T23:59:59.999999"),
        ("plus('2026-01-31', 1, 'month')", "2026-02-28"),
        ("parseDate('15.01.2026', 'dd.MM.yyyy')", "2026-01-15"),
        ("parseDate('2026-01-15')", "2026-01-15"),
        ("parseDateTime('2026-01-15 10:30', 'yyyy-MM-dd HH:mm')", "2026-01-15T10:30:00"),
        ("parseDateTime('2026-01-15T10:30:00')", "2026-01-15T10:30:00"),
        ("format(parseDate('2026-01-15'))", "2026-01-15"),
        ("format(date)", "2026-01-31T10:00:00"),
        ("byte('12')", 12),
        ("char('a')", "a"),
        ("char(97)", "a"),
        ("toMap(pairs)", {"a": 1, "b": 2}),
        ("toMap(pairs, 'key', 'value')", {"a": 1, "b": 2}),
        ("remove(list, 'draft')", ["a", "b", "draft"]),
        ("remove(numbers, 42)", [1]),
        ("remove(numbers, 0)", [42, 1]),
        ("remove({a: 1, b: 2}, 'a')", {"b": 2}),
        ("boolean('1')", True),
        ("boolean('yes')", True),
        ("boolean('Off')", False),
        ("boolean('')", False),
        ("split('a|b', '\\|')", ["a", "b"]),
        ("split('a|b', '|')", ["a", "b"]),
        ("split('a,b,,', ',')", ["a", "b"]),
        ("split('a,b,c', ',', 2)", ["a", "b,c"]),
        ("indexOf('abcabc', 'b', 2)", 4),
        ("lastIndexOf('abcabc', 'b', 3)", 1),
        ("lastIndexOf(list, 'draft', 2)", 1),
        ("{1} == {true}", False),
        ("{a: {b: 1}} == {a: {b: true}}", False),
        ("{a: {1.0}} == {a: {1}}", True),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_a_function_has_its_value(text: str, expected: Any) -> None:
    assert value_of(text) == expected
    assert type(value_of(text)) is type(expected)


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_added_can_be_taken_away(unit: str) -> None:
    name = unit.capitalize()
    assert value_of(f"minus{name}(plus{name}('2026-01-15T10:00:00', 2), 2)") == (
        "2026-01-15T10:00:00"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("byte(200)", "takes a number of at most 8 bits"),
        ("short('99999')", "takes a number of at most 16 bits"),
        ("char('ab')", "needs a text of one character"),
        ("char(55296)", "needs the number of a character"),
        ("boolean('perhaps')", "needs true or false"),
        ("split('a1b2', '[0-9]')", "takes a text between the parts, not a pattern"),
        ("plusYears(date, 9000)", "makes a date that is out of range"),
        ("numbers + {a: 1}", "cannot add a list and an object: `numbers` is a list"),
        ("date > numbers", "`date` is a text, `numbers` is a list"),
    ],
)
def test_an_error_is_one_of_ours_and_says_what_was_there(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        value_of(text)
    assert message in str(raised.value)
    assert isinstance(raised.value, ConnectorError)
    assert raised.value.to_json()["problems"]


TEXTS = ["x" * 100_000 + str(number) for number in range(100)]
ROWS = [[0] * 1000 for _ in range(1000)]


@pytest.mark.parametrize(
    "text",
    [
        "${size(toJson(range(1,99999)))}" * 100,
        "${size(range(1,99999))}" * 1000,
        "${rows}" * 1000,
        "=size(sort(flatten({" + ",".join(["texts"] * 900) + "})))",
        "=join(',', range(1,100000)) + " + "+".join(["toJson(range(1,99999))"] * 20),
        "={" + ",".join(["range(1,100000)"] * 100) + "}",
        "=rows == rows",
        "=" + "sort(" * 40 + "range(1,99999)" + ")" * 40,
    ],
)
def test_a_hostile_text_ends_soon_with_all_its_pills(text: str) -> None:
    read_template("=1 + 1")
    template, scope = read_template(text), {"texts": TEXTS, "rows": ROWS}
    times = []
    for _ in range(3):
        started = thread_time()
        try:
            template.evaluate(scope)
        except ExpressionError as error:
            assert "too much work" in str(error) or "more than" in str(error)
        times.append(thread_time() - started)
    assert min(times) < 0.3  # seconds of this thread; 50 ms where nothing else runs
