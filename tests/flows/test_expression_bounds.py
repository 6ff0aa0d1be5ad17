"""Expressions end soon, whatever they say: bounded in time, size and depth, with one error."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openrouter_connector.flows.formats.expressions import (
    ExpressionError,
    compile_expression,
    read_template,
)
from openrouter_connector.flows.formats.expressions.functions import FUNCTIONS

MANY = list(range(100_000))
LONG = "x" * 1_000_000
SCOPE: dict[str, Any] = {
    "many": MANY,
    "others": list(MANY),
    "deep": [[{"k": [n, str(n)]}] for n in range(20_000)],
    "long": LONG,
    "spaces": " " * 1_000_000,
    "huge": 10**30,
    "tiny": 5e-324,
    "none": None,
    "text": "Hello",
    "rows": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}],
    "n": 7,
}
SOON = 2  # seconds of this thread; a tenth of it on an idle machine


def problem_of(text: str) -> str:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text).evaluate(SCOPE)
    return str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "1" + "+1" * 900,
        "1" + " and 1" * 300,
        "!" * 1900 + "n",
        "-" * 1900 + "1",
        "not " * 450 + "n",
        "n?1:" * 450 + "2",
        "n" + ".size()" * 200,
        "n" + ".b" * 999,
        "n?.size()" + "?.size()" * 90,
        "'" + "a" * 1990 + "'",
        "{" + "many," * 300 + "many}",
        "'' + {" + "many," * 300 + "many}",
        "'' + {" + "long," * 300 + "long}",
        "flatten({" + "many," * 300 + "many})",
        "join(long, many)",
        "replace(long, 'x', long)",
        "replace(long, '', 'xx')",
        "format('" + "%s" * 400 + "', " + ", ".join(["long"] * 300) + ")",
        "concat(" + ", ".join(["many"] * 300) + ")",
        "toJson({" + "deep," * 300 + "deep})",
        " and ".join(["many == others"] * 100),
        " and ".join(["not contains(deep, n)"] * 70),
        " and ".join(["not contains(many, 'x')"] * 70),
        " + ".join(["size(sort(many))"] * 100),
        " + ".join(["size(split(long, ''))"] * 80),
        " + ".join(["size(trim(spaces))"] * 80),
        "range(1, 1000000000)",
        "range(-9000000000000000000, 9000000000000000000)",
        "parse(long, 'yyyy')",
        "format('2026-01-01', long)",
        "atZone('2026-01-01', long)",
        "int(long)",
        "toMap(deep, 'k')",
    ],
)
def test_a_hostile_expression_ends_soon(text: str) -> None:
    read_template("=n + 1")  # the parser is imported
    started = time.thread_time()
    with suppress(ExpressionError):
        value = read_template(f"={text}").evaluate(SCOPE)
        assert len(json.dumps(value)) < 20_000_000
    assert time.thread_time() - started < SOON


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("join(long, many)", "join() makes a text of more than 1,000,000 characters"),
        ("replace(long, 'x', long)", "replace() makes a text of more than 1,000,000 characters"),
        ("flatten({many, many})", "flatten() makes a list of more than 100,000 items"),
        ("{" + "long," * 20 + "1}", "makes a value of more than 10,000,000 characters"),
        ("'' + {long, long}", "makes a text of more than 1,000,000 characters"),
        (" and ".join(["many == others"] * 20), "does too much work"),
        ("huge * huge", "makes a number that is too large"),
        ("int(huge)", "int() makes a number that is too large"),
        ("1e308 * 10", "makes a number that is too large"),
        ("1e999", "makes a number that is too large"),
        ("99999999999999999999", "makes a number that is too large"),
        ("1" * 1999, "makes a number that is too large"),
        ("!" * 200 + "n", "has more than 100 levels"),
        ("int('nan')", "int() needs a number, not a text"),
        ("int('1_000')", "int() needs a number, not a text"),
        ("int('٣')", "int() needs a number, not a text"),
        ("size(none + 1)", "cannot add nothing (null) and a number: `none` is null"),
        (
            "n + rows[0].x + 1",
            "cannot add a number and nothing (null): `n` is a number, `rows[0].x` is null",
        ),
        ("rows[0]['c d'] > n", "cannot compare nothing (null) with a number: `rows[0]['c d']` is"),
        (
            "a.b > c",
            "cannot compare nothing (null) with nothing (null): `a.b` is null, `c` is null",
        ),
        ("none.trim()", "trim() needs a text, not nothing (null): `none` is null"),
        ("parse('2026 2026', 'yyyy yyyy')", "finds no date in the pattern"),
        ("parse('x', 'QQ')", "does not know 'QQ' in a pattern"),
        ("atZone('9999-12-31T23:00:00', 'Asia/Tokyo')", "makes a date that is out of range"),
        ("atZone('2026-01-01', '../../etc/passwd')", "does not know the time zone"),
        ("atZone('2026-01-01', 'Europe')", "does not know the time zone"),
        ("plus('2026-01-01', 9000000000000000000, 'weeks')", "out of range"),
        ("text.toUpperCase(1)", "gives toUpperCase() 2 arguments; it takes 1"),
        ("none.toUpperCase()", "toUpperCase() needs a text, not nothing (null)"),
    ],
)
def test_a_bound_is_named_with_what_was_there(text: str, message: str) -> None:
    found = problem_of(text)
    assert message in found
    assert not found.startswith("size() cannot")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=none?.toUpperCase()", None),
        ("=none?.size()", None),
        ("=text?.size()", 5),
        ("={true: 1, null: 2, not: 3, or: 4, and: 5, 6: 6}",
         {"true": 1, "null": 2, "not": 3, "or": 4, "and": 5, "6": 6}),
        ("={or: 1}.or", 1),
        ("={'it''s': 1}", {"it's": 1}),
        ("=1e5", 100000.0), ("=1E-2", 0.01), ("=1L", 1), ("=2.5f", 2.5), ("=1d", 1.0),
        ("=double('1.5e3')", 1500.0), ("=int(' 42 ')", 42), ("=int('-7.9')", -7),
        ("=double('.5')", 0.5),
        ("=- -1", 1), ("=1--1", 2), ("=!none", True), ("=not none and not false", True),
        ("=n MOD 2 EQ 1", True),
        ("=1 - 2 - 3", -4), ("=2 + 3 + 'x' + 2 + 3", "5x23"), ("=12 / 2 / 3 * 2", 4),
        ("=false or none or n", True), ("=1 and '' and 2", False),
        ("costs $5 and $", "costs $5 and $"), ("$", "$"), ("=", "="), ("", ""),
        ("$${n}$", "$7$"), ("${'${x}'}", "${x}"), ("${'}'}", "}"), ("${{1,{2}}}", [1, [2]]),
        ("${ n }", 7), ("${rows[0]['n']}", "a"), ("${rows.[1].n}", "b"),
        ("=replace('aaa', 'a', 'bb')", "bbbbbb"), ("=replace('ab', '', '-')", "-a-b-"),
        ("=format('%s: %d %%', text, n)", "Hello: 7 %"),
        ("=toJson(text)", '"Hello"'), ("=toJson(none)", "null"),
        ("=flatten({{1}, {{2}}})", [1, [2]]),
        ("=join({}, ',')", ""), ("=join({1, none, true}, '-')", "1--true"),
    ],
)  # fmt: skip
def test_the_small_print(text: str, expected: Any) -> None:
    assert read_template(text).evaluate(SCOPE) == expected


def test_unicode_names_are_names() -> None:
    scope: dict[str, Any] = {"größe_1": {"naïve": 2}, "名前": "Ken"}
    assert read_template("${größe_1.naïve + 1}: ${名前}").evaluate(scope) == "3: Ken"


@pytest.mark.parametrize("text", ["Dear ${name, hello", "${ask_1.output", "a ${n} and ${text"])
def test_a_pill_without_an_end_is_said(text: str) -> None:
    assert "has no closing brace and stays text" in read_template(text).problems[0]


def test_a_long_prompt_may_hold_a_long_text() -> None:
    value = read_template("Summarize: ${long} ${long}").evaluate(SCOPE)
    assert isinstance(value, str) and len(value) == 2_000_012


def test_pills_cannot_make_a_text_without_end() -> None:
    template = read_template("${long}" * 2000)
    with pytest.raises(ExpressionError, match="more than 10,000,000 characters"):
        template.evaluate(SCOPE)


@pytest.mark.parametrize("pill", ["${n}", "${n+1}", "${n +}", "${" + "n+" * 900 + "n}"])
def test_a_text_of_many_pills_is_read_soon(pill: str) -> None:
    started = time.thread_time()
    template = read_template(pill * (5_000_000 // len(pill)))
    assert time.thread_time() - started < SOON
    assert "the expressions before it are too many" in template.problems[-1]
    assert "".join(part if isinstance(part, str) else "${" + part.text + "}"
                   for part in template.parts) == template.text  # fmt: skip


NAMES = st.sampled_from([*SCOPE, "missing", "a.b[0]['c d']", "rows[0].n"])
LITERALS = st.sampled_from(
    ["'x'", '"it""s"', "1", "0", "2.5", "1e5", "1L", "true", "null", "{}", "{:}", "'yyyy-MM-dd'",
     "'2026-01-01'", "'days'", "'Asia/Tokyo'", "''", "'%s'", "-1", "9223372036854775807"]
)  # fmt: skip
OPERATORS = ["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "and", "||", "?:", "div", "GT", "eq"]
LEAVES = st.one_of(NAMES, LITERALS)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("{{{}, {}}}".format, inner, inner),
        st.builds("{{k: {}}}".format, inner),
        st.builds(
            "{}({})".format,
            st.sampled_from(sorted(FUNCTIONS)),
            st.lists(inner, max_size=3).map(", ".join),
        ),
        st.builds("({})?.{}()".format, inner, st.sampled_from(sorted(FUNCTIONS))),
    ),
    max_leaves=12,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


def check(text: str, scope: dict[str, Any]) -> None:
    """Assert that a text is read, and has a value of JSON or the one kind of error."""
    started = time.thread_time()
    template = read_template(text)
    with suppress(ExpressionError):
        json.dumps(template.evaluate(scope), allow_nan=False)
    assert time.thread_time() - started < SOON


@given(EXPRESSIONS, st.dictionaries(st.sampled_from(["n", "text", "none", "rows"]), VALUES))
@settings(max_examples=300, deadline=None)
def test_any_expression_has_a_value_or_the_one_error(text: str, values: Any) -> None:
    check(f"={text}", SCOPE | values)


@given(st.text(alphabet="ab1.'\"{}[]()$=?:!&|+-*/%<>, \n\t\\#@_é", max_size=60))
@settings(max_examples=500, deadline=None)
@example("${")
@example("=${${n}}")
@example("='\\'")
def test_any_text_is_read(text: str) -> None:
    check(text, SCOPE)
    check("=" + text, SCOPE)
    check("${" + text + "}", SCOPE)


ROWS = [{"a": 1.5, "b": str(n)} for n in range(30_000)]


@pytest.mark.parametrize(
    "text",
    ["a == b", "contains(a, b)", "indexOf(a, b)", "lastIndexOf({a}, b)", "remove({a}, b)"],
)
def test_comparing_lists_counts_the_lists_and_objects_in_them(text: str) -> None:
    scope: dict[str, Any] = {"a": ROWS, "b": [dict(row) for row in ROWS]}
    with pytest.raises(ExpressionError, match="too much work"):
        compile_expression(text).evaluate(scope)


def test_a_value_of_another_kind_or_size_is_compared_at_once() -> None:
    for text in ("a == 1", "1 == a", "a == b", "contains(a, 'x')", "indexOf(a, 7)"):
        assert compile_expression(text).evaluate({"a": ROWS, "b": ROWS[1:]}) in (False, -1)
