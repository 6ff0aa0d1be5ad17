"""Expressions previewed over HTTP, as a person types them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from support.http_face import Served

SCOPE = {"ask_1": {"items": [{"c d": 7}]}, "n": 3, "metadata": {"ask_1": {"cost": 0.25}}}


def preview(served: Served, text: str, scope: Any = None, **more: Any) -> Any:
    body = {"text": text, "scope": SCOPE if scope is None else scope, **more}
    response = served.api.post("/api/expressions/preview", json=body)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("text", "value", "reads"),
    [
        ("${ask_1.items[0]['c d']}", 7, ["ask_1.items[0]['c d']"]),
        ("Cost: ${metadata.ask_1.cost}", "Cost: 0.25", ["metadata.ask_1.cost"]),
        ("=n + 1 > 3 ? {'x', n} : null", ["x", 3], ["n"]),
        ("plain", "plain", []),
        ("${missing.x}", None, ["missing.x"]),
    ],
)
def test_a_text_has_its_value_and_what_it_reads(
    played: Served, text: str, value: Any, reads: list[str]
) -> None:
    assert preview(played, text) == {"value": value, "error": None, "reads": reads, "problems": []}


def test_a_condition_is_one_expression(played: Served) -> None:
    assert preview(played, "${n} == 3 and not n > 5", condition=True)["value"] is True
    assert preview(played, "${n} == 3")["value"] == "3 == 3"


def test_an_error_is_said_with_the_expression(played: Served) -> None:
    found = preview(played, "Sum: ${n + missing}")
    assert found["value"] is None
    assert found["error"] == (
        "`n + missing`: cannot add a number and nothing (null): `n` is a number, `missing` is null"
    )
    assert found["reads"] == ["missing", "n"]


def test_what_stays_text_is_said(played: Served) -> None:
    found = preview(played, "=sise(n)")
    assert found["value"] == "=sise(n)"
    assert "did you mean 'size'" in found["problems"][0]


LONG = "x" * 900_000


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("=range(1,1000000000)", {}),
        ("=t + t + t + t", {"t": LONG}),
        ("=replace(t, 'x', t)", {"t": LONG}),
        ("=join(t, range(1, 100000))", {"t": LONG}),
        ("={" + "t," * 900 + "t}", {"t": LONG}),
        ("${t}" * 4000, {"t": LONG}),
        ("=" + "(" * 1999, {}),
        ("=" + "{" * 999 + "}" * 999, {}),
        ("=" + "!" * 1999, {}),
        ("=" + "f(" * 999, {}),
        ("=" + "1+" * 999 + "1", {}),
        ("${" * 9999, {}),
        ("${" + "x?1:" * 450 + "2}", {}),
        (("${" + "x?1:" * 400 + "}") * 12, {}),
        ("=" + " and ".join(["a == b"] * 200), {"a": [0] * 40_000, "b": [0] * 40_000}),
    ],
)
def test_a_hostile_expression_ends_at_once(played: Served, text: str, scope: Any) -> None:
    started = time.perf_counter()
    found = preview(played, text, scope)
    assert time.perf_counter() - started < 15  # 0.3 on an idle machine
    assert found["error"] or found["problems"] or found["value"] in (1000, False, True)


@pytest.mark.parametrize(
    "body",
    [{}, {"text": 1}, {"text": "x" * 20_001}, {"text": "x", "scope": []}, {"text": "x", "else": 1}],
)
def test_what_is_no_preview_is_refused(played: Served, body: Any) -> None:
    assert played.api.post("/api/expressions/preview", json=body).status_code == 422


def test_a_scope_of_too_many_values_is_refused(played: Served) -> None:
    body = {"text": "x", "scope": {"x": [0] * 100_001}}
    assert played.api.post("/api/expressions/preview", json=body).status_code == 413
