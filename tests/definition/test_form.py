"""A form: visible fields, defaults, and accepted parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openrouter_connector.definition.form import Accepted, Form
from openrouter_connector.errors import InputError
from support.definitions import MODELS, written

PROPERTIES = """
modelSources: [{from: models}]
properties:
  - {name: supported, type: ARRAY, required: true, mirrors: parameters, items: {type: STRING},
     options: [seed, topK], defaultValue: [seed]}
  - {name: model, type: STRING, label: Model, required: true}
  - {name: format, type: STRING, required: true, defaultValue: SIMPLE, options: [SIMPLE, ADVANCED]}
  - {name: prompt, type: STRING, required: true, displayCondition: "format == 'SIMPLE'"}
  - {name: seed, type: INTEGER, displayCondition: "contains(supported, 'seed')"}
  - {name: topK, type: INTEGER, defaultValue: 40, displayCondition: "contains(supported, 'topK')"}
  - name: messages
    type: ARRAY
    required: true
    displayCondition: "format == 'ADVANCED'"
    items:
      type: OBJECT
      properties:
        - {name: role, type: STRING, required: true, defaultValue: USER, options: [USER, SYSTEM]}
        - {name: content, type: STRING, required: true}
        - {name: file, type: FILE_ENTRY, displayCondition: "messages[index].role == 'USER'"}
        - {name: reason, type: STRING, required: true,
           displayCondition: "messages[index].role == 'SYSTEM'"}
  - name: response
    type: OBJECT
    required: true
    properties:
      - {name: kind, type: STRING, required: true, defaultValue: TEXT, options: [TEXT, JSON]}
      - {name: schema, type: STRING, controlType: JSON_SCHEMA_BUILDER, required: true,
         displayCondition: "response.kind == 'JSON'"}
  - {name: temperature, type: NUMBER, minValue: 0, maxValue: 2, defaultValue: 1}
  - {name: stop, type: ARRAY, items: {type: STRING}, maxItems: 2}
  - {name: stream, type: BOOLEAN}
  - {name: file, type: FILE_ENTRY}
  - {name: language, type: STRING, options: [{label: English, value: EN, send: en}]}
  - {name: bias, type: OBJECT, additionalProperties: {type: NUMBER}}
  - {name: extra, type: OBJECT}
"""
NEEDED = {"model": "m", "prompt": "p"}
FILLED = NEEDED | {"format": "SIMPLE", "response": {"kind": "TEXT"}}
FILE = {"extension": "txt", "mimeType": "text/plain", "name": "a.txt", "url": "file:a"}


@pytest.fixture
def form(tmp_path: Path) -> Form:
    return written(tmp_path, act=PROPERTIES, options__models=MODELS).form("act")


def refused(form: Form, **parameters: Any) -> list[str]:
    with pytest.raises(InputError) as raised:
        form.accept(NEEDED | parameters)
    return [str(problem) for problem in raised.value.problems]


# What is shown


def test_only_properties_whose_condition_holds_are_visible(form: Form) -> None:
    always = {"supported", "model", "format", "response", "response.kind", "temperature", "stop",
              "stream", "file", "language", "bias", "extra"}  # fmt: skip
    simple = form.visible({"supported": []})
    assert set(simple) == always | {"prompt"}
    assert set(form.visible({"supported": ["seed"], "format": "ADVANCED"})) == always | {
        "seed",
        "messages",
    }
    assert "response.schema" in form.visible({"response": {"kind": "JSON"}})


def test_properties_are_shown_in_their_order(form: Form) -> None:
    order = [prop.name for prop in form.action.properties]
    shown = [name for name in form.visible({}) if "." not in name]
    assert shown == [name for name in order if name != "messages"]


def test_a_filter_without_a_value_hides_nothing(form: Form) -> None:
    assert {"seed", "topK"} <= set(form.visible({}))
    assert {"seed", "topK"} <= set(form.visible({"supported": None}))
    assert not {"seed", "topK"} & set(form.visible({"supported": []}))


def test_a_property_that_depends_on_a_hidden_one_is_hidden(tmp_path: Path) -> None:
    form = written(
        tmp_path,
        act="""
        properties:
          - {name: a, type: BOOLEAN}
          - {name: b, type: STRING, displayCondition: a}
          - {name: c, type: STRING, displayCondition: "b == 'x'"}
        """,
    ).form("act")
    stale = {"a": False, "b": "x", "c": "y"}
    assert form.visible(stale) == ["a"]
    assert form.accept(stale) == Accepted(
        {"a": False},
        (
            "b is hidden by other values and was not sent",
            "c is hidden by other values and was not sent",
        ),
    )


# What fills it


def test_a_new_form_has_the_defaults_of_its_visible_fields(form: Form) -> None:
    assert form.defaults == {
        "supported": ["seed"],
        "format": "SIMPLE",
        "response": {"kind": "TEXT"},
        "temperature": 1,
    }


def test_an_optional_object_gets_no_defaults_in_a_form(tmp_path: Path) -> None:
    properties = """
properties:
  - name: audio
    type: OBJECT
    properties:
      - {name: format, type: STRING, defaultValue: mp3}
      - {name: voice, type: STRING, required: true}
"""
    assert written(tmp_path, act=properties).form("act").defaults == {}


def test_a_call_uses_only_the_defaults_of_required_properties(form: Form) -> None:
    assert form.accept(NEEDED) == Accepted(FILLED, ())


def test_the_items_of_a_list_get_their_defaults(form: Form) -> None:
    given = {"model": "m", "format": "ADVANCED", "messages": [{"content": "hello"}]}
    assert form.accept(given).values["messages"] == [{"content": "hello", "role": "USER"}]


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", 0), ("stream", False), ("model", ""), ("stop", []), ("extra", {})],
)
def test_falsy_values_are_values(form: Form, name: str, value: Any) -> None:
    assert form.accept(NEEDED | {name: value}).values == FILLED | {name: value}


def test_null_equals_a_missing_value(form: Form) -> None:
    nothing = {"temperature": None, "stop": None, "format": None, "response": {"kind": None}}
    assert form.accept(NEEDED | nothing).values == FILLED
    assert refused(form, prompt=None) == ["prompt: is missing"]


def test_null_inside_a_free_object_is_kept(form: Form) -> None:
    assert form.accept(NEEDED | {"extra": {"a": None}}).values["extra"] == {"a": None}


def test_the_given_parameters_are_not_modified(form: Form) -> None:
    given = {
        "model": "m",
        "format": "ADVANCED",
        "messages": [{"role": "SYSTEM", "content": "c", "reason": "r", "file": dict(FILE)}],
        "response": {"kind": "JSON", "schema": "{}"},
    }
    before = repr(given)
    form.accept(given)
    assert repr(given) == before


# What is hidden


def test_a_hidden_value_is_dropped_with_a_warning(form: Form) -> None:
    accepted = form.accept(NEEDED | {"supported": ["topK"], "seed": 7, "topK": 3, "messages": []})
    assert accepted.values == FILLED | {"supported": ["topK"], "topK": 3}
    assert accepted.warnings == (
        "seed is hidden by other values and was not sent",
        "messages is hidden by other values and was not sent",
    )


def test_a_hidden_value_is_not_validated(form: Form) -> None:
    assert form.accept(NEEDED | {"messages": 5}).values == FILLED


def test_a_hidden_list_has_one_warning(form: Form) -> None:
    messages = [{"role": "SYSTEM", "content": "c", "file": FILE}]
    accepted = form.accept(NEEDED | {"messages": messages})
    assert accepted.warnings == ("messages is hidden by other values and was not sent",)


def test_a_condition_reads_the_item_that_contains_it(form: Form) -> None:
    messages = [
        {"role": "USER", "content": "one", "file": FILE},
        {"role": "SYSTEM", "content": "two", "file": FILE, "reason": "why"},
        {"role": "USER", "content": "three", "file": FILE, "reason": "why"},
    ]
    accepted = form.accept({"model": "m", "format": "ADVANCED", "messages": messages})
    assert [sorted(message) for message in accepted.values["messages"]] == [
        ["content", "file", "role"],
        ["content", "reason", "role"],
        ["content", "file", "role"],
    ]
    assert accepted.warnings == (
        "messages[1].file is hidden by other values and was not sent",
        "messages[2].reason is hidden by other values and was not sent",
    )


def test_a_hidden_property_is_not_required(form: Form) -> None:
    assert (
        form.accept({"model": "m", "format": "ADVANCED", "messages": []}).values["messages"] == []
    )
    with pytest.raises(InputError) as raised:
        form.accept({"format": "ADVANCED", "messages": [{"role": "SYSTEM"}]})
    assert [str(problem) for problem in raised.value.problems] == [
        "messages[0].content: is missing",
        "messages[0].reason: is missing",
        "model: is missing (Model)",
    ]


# What is wrong


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"modle": "m"}, "modle: does not exist; did you mean 'model'?"),
        ({"top_k": 1}, "top_k: does not exist; did you mean 'topK'?"),
        ({"qqq": 1}, "qqq: does not exist"),
        ({"model": 5}, "model: must be text, not a number"),
        ({"seed": "7"}, "seed: must be a whole number, not text"),
        ({"seed": 1.5}, "seed: must be a whole number, not a number"),
        ({"seed": True}, "seed: must be a whole number, not true or false"),
        ({"stream": 1}, "stream: must be true or false, not a number"),
        ({"stop": "x"}, "stop: must be a list, not text"),
        ({"stop": ["x", None]}, "stop[1]: must be text, not null"),
        ({"stop": ["a", "b", "c"]}, "stop: has 3 items; the maximum is 2"),
        ({"temperature": 2.1}, "temperature: 2.1 is more than 2"),
        ({"temperature": -1}, "temperature: -1 is less than 0"),
        ({"extra": []}, "extra: must be an object, not a list"),
        ({"bias": {"50256": "no"}}, "bias.50256: must be a number, not text"),
        (
            {"format": "SIMPEL"},
            "format: 'SIMPEL' is not one of SIMPLE, ADVANCED; did you mean 'SIMPLE'?",
        ),
        ({"response": "JSON"}, "response: must be an object, not text"),
        (
            {"response": {"kindd": "JSON"}},
            "response.kindd: does not exist; did you mean 'kind'?",
        ),
        (
            {"format": "ADVANCED", "messages": [{"content": "c"}, "d"]},
            "messages[1]: must be an object, not text",
        ),
        ({"file": 5}, "file: must be a FILE_ENTRY, or an http(s) or data: URL, not a number"),
        (
            {"file": {"url": "file:a", "name": "a"}},
            "file: is missing extension, mimeType: a file requires extension, mimeType, name, url",
        ),
        ({"file": FILE | {"size": 5}}, "file.size: does not exist"),
        ({"file": FILE | {"name": None}}, "file.name: must be text, not null"),
    ],
)
def test_a_wrong_parameter_is_explained(
    form: Form, parameters: dict[str, Any], message: str
) -> None:
    assert message in refused(form, **parameters)


def test_all_problems_are_reported_at_once(form: Form) -> None:
    with pytest.raises(InputError) as raised:
        form.accept(
            {"modle": "m", "prompt": 1, "temperature": 9, "response": {"kind": "JSON"}, "file": {}}
        )
    assert [str(problem) for problem in raised.value.problems] == [
        "file: is missing extension, mimeType, name, url:"
        " a file requires extension, mimeType, name, url",
        "model: is missing (Model)",
        "modle: does not exist; did you mean 'model'?",
        "prompt: must be text, not a number",
        "response.schema: is missing",
        "temperature: 9 is more than 2",
    ]


@pytest.mark.parametrize("parameters", [None, [], "model", 5])
def test_parameters_are_an_object(form: Form, parameters: Any) -> None:
    with pytest.raises(InputError, match="parameters must be an object"):
        form.accept(parameters)


def test_an_option_is_accepted_as_it_is_sent(form: Form) -> None:
    assert form.accept(NEEDED | {"language": "EN"}).values["language"] == "EN"
    assert form.accept(NEEDED | {"language": "en"}).values["language"] == "en"
    assert refused(form, language="DE") == ["language: 'DE' is not one of EN, en"]


def test_a_filter_accepts_values_that_are_new_in_the_catalogue(form: Form) -> None:
    assert form.accept(NEEDED | {"supported": ["brand_new"]}).warnings == ()


def test_a_required_property_may_be_called_url(tmp_path: Path) -> None:
    url = "{name: url, type: STRING, required: true}"
    outer = f"{{name: o, type: OBJECT, required: true, properties: [{url}]}}"
    form = written(tmp_path, act=f"properties: [{outer}]").form("act")
    with pytest.raises(InputError) as raised:
        form.accept({"o": {}})
    assert str(raised.value) == "o.url: is missing"


# Schemas of answers


@pytest.mark.parametrize(
    "schema", [{"type": "object"}, '{"type": "object"}', ' {"type":"object"}\n']
)
def test_a_schema_may_be_text_or_an_object(form: Form, schema: Any) -> None:
    accepted = form.accept(NEEDED | {"response": {"kind": "JSON", "schema": schema}})
    assert accepted.values["response"] == {"kind": "JSON", "schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("", "is not a JSON Schema: it is not JSON"),
        ("{type: object}", "is not a JSON Schema: it is not JSON"),
        ("[]", 'is not a JSON Schema: it must be an object such as {"type": "object"}'),
        ("true", 'is not a JSON Schema: it must be an object such as {"type": "object"}'),
        ({"type": "objekt"}, "is not a JSON Schema: type: 'objekt' is not valid"),
        ({"properties": {"a": {"minLength": -1}}}, "is not a JSON Schema: properties.a.minLength"),
        ({"pattern": "("}, "is not a JSON Schema: pattern"),
        (
            {"$ref": "https://example.com/schema"},
            "refers to 'https://example.com/schema'; only references inside the schema work",
        ),
        ({"anyOf": [{}, {"$ref": "other.json"}]}, "refers to 'other.json'"),
        ("[" * 100_000, "is nested too deeply"),
        (5, "must be text or an object, not a number"),
    ],
)
def test_an_invalid_schema_is_reported(form: Form, schema: Any, message: str) -> None:
    (problem,) = refused(form, response={"kind": "JSON", "schema": schema})
    assert problem.startswith(f"response.schema: {message}")


@pytest.mark.parametrize("value", ["b\n", "ab", "b b"])
def test_a_pattern_must_match_the_whole_text(tmp_path: Path, value: str) -> None:
    form = written(tmp_path, act="properties: [{name: a, type: STRING, pattern: 'b|c'}]").form(
        "act"
    )
    assert form.accept({"a": "b"}).values == {"a": "b"}
    with pytest.raises(InputError, match=r"does not match the pattern b\|c$"):
        form.accept({"a": value})


def test_hidden_values_of_a_very_long_list_are_found_in_one_pass(form: Form) -> None:
    item = {"role": "SYSTEM", "content": "x", "reason": "y", "file": "https://example.com/a.png"}
    given = {"model": "a/b", "format": "ADVANCED", "messages": [item] * 20_000}
    accepted = form.accept(given)  # in a walk for each hidden value this takes minutes
    assert not any("file" in message for message in accepted.values["messages"])
    assert len(accepted.warnings) == 51
    assert accepted.warnings[-1] == "19950 more values are hidden by other values and were not sent"
