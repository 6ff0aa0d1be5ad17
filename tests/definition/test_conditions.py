"""The language of conditions: what it accepts and rejects, and that evaluating never fails."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.definition.conditions import MAX_LENGTH, compile_condition

VALUES: dict[str, Any] = {
    "format": "SIMPLE",
    "yes": True,
    "no": False,
    "one": 1,
    "whole": 1.0,
    "zero": 0,
    "empty": "",
    "nothing": [],
    "supportedParameters": ["seed", "top_k", 1],
    "response": {"responseFormat": "JSON", "deep": {"er": "x"}},
    "messages": [{"role": "USER"}, {"role": "SYSTEM"}],
    "index": 1,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("format == 'SIMPLE'", True),
        ('format == "SIMPLE"', True),
        ("format == 'ADVANCED'", False),
        ("format != 'ADVANCED'", True),
        ("  format == 'SIMPLE'  ", True),
        ("format == 'simple'", False),
        ("response.responseFormat == 'JSON'", True),
        ("response.deep.er == 'x'", True),
        ("response.deep.er.est == 'x'", False),
        ("response.missing == null", True),
        ("missing", False),
        ("missing == null", True),
        ("missing.far.away == null", True),
        ("missing != 'x'", True),
        ("messages[0].role == 'USER'", True),
        ("messages[index].role == 'SYSTEM'", True),
        ("messages[9].role == null", True),
        ("format[0] == null", True),
        ("response[0] == null", True),
        ("contains(supportedParameters, 'seed')", True),
        ("contains(supportedParameters, 'see')", False),
        ("contains(supportedParameters, true)", False),
        ("contains(supportedParameters, 1)", True),
        ("contains(format, 'IMP')", True),
        ("contains(format, 1)", False),
        ("contains(missing, 'seed')", False),
        ("contains(response, 'responseFormat')", False),
        ("yes", True),
        ("not no", True),
        ("yes == true", True),
        ("no == false", True),
        ("yes and no", False),
        ("yes or no", True),
        ("not (yes and no) and yes", True),
        ("no and yes or yes", True),
        ("zero", False),
        ("zero == 0", True),
        ("zero == null", False),
        ("zero == false", False),
        ("empty == ''", True),
        ("empty == null", False),
        ("nothing == null", False),
        ("one == 1", True),
        ("one == whole", True),
        ("one == -1", False),
        ("-1 == -1.0", True),
        ("one == '1'", False),
        ("null == null", True),
        ("true", True),
        ("'x'", True),
    ],
)
def test_a_condition_holds(text: str, holds: bool) -> None:
    assert compile_condition(text).holds(VALUES) is holds


def test_true_is_not_one() -> None:
    assert not compile_condition("flag == 1").holds({"flag": True})
    assert not compile_condition("flag == true").holds({"flag": 1})
    assert compile_condition("flag != 0").holds({"flag": False})


def test_a_condition_knows_what_it_reads() -> None:
    condition = compile_condition(
        "contains(a, 'x') and b.c == d or not messages[index].role and list[0] != true"
    )
    assert condition.reads == {"a", "b.c", "d", "messages.role", "list"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a =",
        "a = 1",
        "a == b == c",
        "a < 1",
        "a in b",
        "a is b",
        "a && b",
        "a || b",
        "!a",
        "a + b",
        "9 ** 9",
        "-a",
        "--1",
        "a if b else c",
        "lambda: a",
        "(a := 1)",
        "(a, b)",
        "()",
        "[a]",
        "{'a': 1}",
        "[x for x in a]",
        "f'{a}'",
        "b'a'",
        "a['b']",
        "a[b]",
        "a[-1]",
        "a[0:1]",
        "a[True]",
        "a[1.5]",
        "a().b",
        "'x'.y",
        "contains(a)",
        "contains(a, b, c)",
        "contains(a, b=c)",
        "contains(*a)",
        "size(a)",
        "a.contains(b)",
        "__import__('os')",
        "...",
        "a; b",
        "a\nb",
        "True",
        "-True",
        "None",
        "1j",
        "a == 0x10",
        "a == 1_000",
        "a == 1e3",
        "a == r'x'",
        r"a == '\x41'",
        "a == 'it''s'",  # in SpEL a text with a quote, in Python two texts
        "a == 'x' 'y'",
        "a == '''x'''",
        "await a",
        "\0",
        "\ud800",
        "(" * 100,
        "not " * 100_000 + "a",
    ],
)
def test_anything_outside_the_language_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="condition"):
        compile_condition(text)


def test_a_condition_is_short() -> None:
    longest = "a == '" + "x" * (MAX_LENGTH - 7) + "'"
    assert compile_condition(longest).holds({"a": "x" * (MAX_LENGTH - 7)})
    with pytest.raises(ValueError, match="at most 200 characters, not 201"):
        compile_condition(longest + " ")


@given(st.text(max_size=60) | st.text("abn'\"()[].= ot01", max_size=40))
@settings(deadline=None)
def test_compiling_returns_a_condition_or_raises_a_reason(text: str) -> None:
    try:
        condition = compile_condition(text)
    except ValueError as error:
        assert "condition" in str(error)
    else:
        assert condition.holds({}) in (True, False)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "role"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(
        [
            "a == b",
            "a.b != b.a",
            "contains(a, b)",
            "contains(a, 3) or contains(b, 'x')",
            "a[index].role == b[0]",
            "not a and b[7].a or a.b.role == null",
        ]
    ),
    st.fixed_dictionaries({"a": json_values, "b": json_values, "index": json_values}),
)
@settings(deadline=None)
def test_evaluating_never_fails(text: str, values: dict[str, Any]) -> None:
    assert compile_condition(text).holds(values) in (True, False)
