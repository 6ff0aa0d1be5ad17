"""Expressions of flows: pills, formulas and conditions, as real workflow files write them."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.definition.conditions import compile_condition
from openrouter_connector.flows.formats.expressions import (
    ExpressionError,
    compile_expression,
    read_condition,
    read_template,
)

SCOPE: dict[str, Any] = {
    "a": {"b": [1, {"c d": "deep"}], "F-NOM": "Ann", "and": "word"},
    "each_1": {"item": "x", "index": 2},
    "each_2": {"item": 7},
    "items": [3, 1, 2],
    "n": 10,
    "text": "Hello",
    "number": "35",
    "none": None,
    "loop_1": {"item": {"City": "Wien", "State": None}, "index": 0},
    "postgresql_2": [{"count": 4}],
    "inputs": {"name": "Ben"},
}


def value_of(text: str) -> Any:
    return read_template(text).evaluate(SCOPE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${a.b[0]}", 1),
        ("${a.b[1]['c d']}", "deep"),
        ("${a['F-NOM']}", "Ann"),
        ("${a.and}", "word"),
        ("${items}", [3, 1, 2]),
        ("${missing.deep[3].x}", None),
        ("${postgresql_2.[0].count}", 4),
        ("Dear ${inputs.name}, you have ${n} items", "Dear Ben, you have 10 items"),
        ("[${missing}]", "[]"),
        ("${a.b}!", '[1, {"c d": "deep"}]!'),
        ("=35 + n", 45),
        ("=n - 2", 8),
        ("=1 + loop_1.index", 1),
        ("${n*1000}", 10000),
        ("=each_1.item + '_' + each_2.item", "x_7"),
        ("=each_2.item + '_' + 1", "7_1"),
        ("=range(1,4)", [1, 2, 3, 4]),
        ("=items.size()+1", 4),
        ("=int(number)", 35),
        ("=n == 10 or n gt 20", True),
        ("=n NE 10 AND true", False),
        ("${loop_1.item['City'] != null and loop_1.item['State'] != null}", False),
        ("=null", None),
        ("=${n} + 1", 11),
        ("=n > 5 ? 'many' : 'few'", "many"),
        ("=none ?: 'default'", "default"),
        ("=missing?.size", None),
        ("={1,2}", [1, 2]),
        ("={}", []),
        ("={:}", {}),
        ("={name: text, 'x y': 2}", {"name": "Hello", "x y": 2}),
        ("=7 / 2", 3),
        ("=7 div 2.0", 3.5),
        ("=-7 % 3", -1),
        ("=!a.x", True),
        ("=not n == 11", True),
        ("='it''s'", "it's"),
        ("=sort(items)", [1, 2, 3]),
        ("=join(',', items)", "3,1,2"),
        ("=items[0] + items[1]", 4),
        ("=items[each_1.index]", 2),
        ("=flatten({{1}, {2, 3}})", [1, 2, 3]),
        ("=contains(items, 2) && text.contains('ell')", True),
        ("=format('2026-01-31T10:05:00', 'dd.MM.yyyy HH:mm')", "31.01.2026 10:05"),
        ("=plus('2026-01-31T00:00:00', 1, 'days')", "2026-02-01T00:00:00"),
        ("=atZone('2026-07-01T10:00:00', 'Europe/Vienna')", "2026-07-01T12:00:00+02:00"),
        ("=put(a, 'k', 1)['k']", 1),
        ("=text.substring(1, 3).toUpperCase()", "EL"),
    ],
)
def test_an_expression_has_its_value(text: str, expected: Any) -> None:
    assert value_of(text) == expected
    assert read_template(text).problems == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("=SUM(A1:A3)", "is no formula"),
        ("=sise(items)", "did you mean 'size'"),
        ("=1 +", "is no formula"),
        ("echo ${don't}", "is no expression"),
        ("${}", "is no expression"),
        ("=config('x')", "reads the configuration of a host"),
    ],
)
def test_what_is_no_expression_stays_text_and_is_said(text: str, problem: str) -> None:
    template = read_template(text)
    assert template.evaluate(SCOPE) == text
    assert problem in template.problems[0]


def test_a_spreadsheet_formula_keeps_its_pill() -> None:
    template = read_template("=SUM(E2:E${items.size()+1})")
    assert template.evaluate(SCOPE) == "=SUM(E2:E4)"
    assert "is no formula" in template.problems[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("=none + 1", "`none + 1`: cannot add nothing (null) and a number"),
        ("=n < text", "cannot compare a number with a text"),
        ("=n / 0", "divides by zero"),
        ("=size(n)", "size() needs a list, an object or a text, not a number"),
        ("=int(text)", "int() needs a number, not a text"),
        ("=range(1, 1000000000)", "range() makes a list of more than 100,000 items"),
        ("=9223372036854775807 + 1", "makes a number that is too large"),
    ],
)
def test_an_error_names_the_expression_and_what_was_there(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        value_of(text)
    assert message in str(raised.value)


def test_it_knows_what_it_reads() -> None:
    template = read_template("${a.b[0]} and ${x.item['k'] + y[n].z + size(w)}")
    assert template.reads == {
        ("a", "b", 0), ("x", "item", "k"), ("y",), ("n",), ("w",)
    }  # fmt: skip


@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 3000,
        "{" * 3000 + "}" * 3000,
        "1" + "+1" * 5000,
        "not " * 2000 + "x",
        "a" + "[0" * 900,
        "'" * 2001,
        "a?" * 900,
        "-" * 1999,
        "f(" * 49 + ")" * 49,
        "x" * 100_000,
    ],
)
def test_a_hostile_expression_ends_at_once(hostile: str) -> None:
    read_template("=a + 1")  # the parser is imported
    started = time.thread_time()
    template = read_template(f"={hostile}")
    with suppress(ExpressionError):
        template.evaluate(SCOPE)
    assert time.thread_time() - started < 2  # 50 ms on an idle machine


def test_many_open_pills_end_at_once() -> None:
    text = "${" * 500_000
    started = time.thread_time()
    assert read_template(text).evaluate({}) == text
    assert time.thread_time() - started < 2


def test_texts_cannot_be_doubled_without_end() -> None:
    scope: dict[str, Any] = {"t": "x" * 600_000}
    with pytest.raises(ExpressionError, match="more than 1,000,000 characters"):
        compile_expression("t + t").evaluate(scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'${each_1.item}'=='x'", True),
        ("'${a['F-NOM']}' == 'Ann' and '${missing}' == ''", True),
        ("${loop_1.index}==0", True),
        ('"${each_1.item}" == "x"', True),
        ("\"${text}\" == 'Hello'", True),
        ("\"it's ${n}\" == 'it''s 10'", True),
        ('"a ""${n}"" b" == \'a "10" b\'', True),
        ("=n == 10 or n gt 20", True),
        ("'it''s ${text}!' == 'it''s Hello!'", True),
        ("'${n}' == 10", False),
        ("items.size() > 2", True),
    ],
)
def test_a_condition_has_its_value(text: str, expected: bool) -> None:
    condition = read_condition(text)
    assert condition.problems == ()
    assert condition.evaluate(SCOPE) is expected


def test_a_condition_knows_what_its_quoted_pills_read() -> None:
    assert read_condition("'${a.b}' == c").reads == {("a", "b"), ("c",)}


def test_a_text_that_is_no_condition_reads_nothing() -> None:
    condition = read_condition("T(x).now() == '${a}'")
    assert condition.reads == frozenset()
    assert "is no condition" in condition.problems[0]


NAMES = st.sampled_from(["a", "b", "list", "missing"])
LITERALS = st.sampled_from(["'x'", "''", "1", "0", "2.5", "true", "false", "null"])
LEAVES = st.one_of(NAMES, LITERALS, st.sampled_from(["a.b", "list[0]", "a.b[1].c"]))
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} == {})".format, inner, inner),
        st.builds("({} != {})".format, inner, inner),
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("(not {} == {})".format, LEAVES, LEAVES),
        st.builds("contains({}, {})".format, inner, inner),
    ),
    max_leaves=6,
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "a": st.sampled_from([1, "x", None, {"b": [1, {"c": True}]}, [], True]),
        "b": st.sampled_from([0, "", "xx", False]),
        "list": st.sampled_from([[], [1, "x"], ["x", True], None]),
    },
)


@given(CONDITIONS.filter(lambda text: len(text) <= 200), VALUES)
@settings(max_examples=200, deadline=None)
def test_the_conditions_of_definitions_have_the_same_values(text: str, values: Any) -> None:
    assert json.dumps(compile_expression(text).evaluate(values)) == json.dumps(
        compile_condition(text).evaluate(values)
    )
