"""Words that refer to properties: what they do, and how wrong references are reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import InputError
from openrouter_connector.errors import DefinitionError
from openrouter_connector.runtime.build import build
from openrouter_connector.values import JsonObject
from support.definitions import written

PROPERTIES = """
properties:
  - {name: texts, type: ARRAY, required: true, items: {type: STRING}}
  - {name: text, type: STRING}
  - {name: number, type: INTEGER, required: true, defaultValue: 1}
  - {name: perhaps, type: INTEGER}
"""
CHAT = """
messages:
  - {role: system, text: rules}
  - {forEach: talk, role: who, text: says}
  - {role: user, text: question}
properties:
  - {name: rules, type: STRING, send: false}
  - {name: question, type: STRING, send: false}
  - name: talk
    type: ARRAY
    send: false
    items:
      type: OBJECT
      properties:
        - {name: who, type: STRING, required: true}
        - {name: says, type: STRING, required: true}
"""


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (
            "forEach: {property: nothing, concurrency: number, unit: x}",
            "forEach: 'nothing' is not a property",
        ),
        (
            "forEach: {property: text, concurrency: number, unit: x}",
            "forEach: 'text' must be ARRAY, not STRING",
        ),
        (
            "forEach: {property: texts, concurrency: perhaps, unit: x}",
            "forEach: the property 'perhaps' needs `required: true`",
        ),
        (
            "splitText: {property: texts, maxLength: number, concurrency: number}",
            "splitText: 'texts' must be STRING, not ARRAY",
        ),
        (
            "splitAudio: {property: text, maxSeconds: number, concurrency: number}",
            "splitAudio: 'text' must be FILE_ENTRY, not STRING",
        ),
        (
            "forEach: {property: texts, concurrency: number, unit: x}\n"
            "splitText: {property: text, maxLength: number, concurrency: number}",
            "splitText: cannot be combined with forEach; use one of them",
        ),
        (
            "streams: true\nforEach: {property: texts, concurrency: number, unit: x}",
            "forEach: cannot be combined with streams",
        ),
        ("main: nobody", "main: 'nobody' is not a property"),
        ("errorOutput: errorStatus", "errorOutput: 'errorStatus' is not a part of the output"),
        (
            "server: {baseUrl: text, token: text}",
            "server: 'text' is a secret and requires controlType: PASSWORD",
        ),
        ("server: {baseUrl: texts, token: text}", "server: 'texts' must be STRING, not ARRAY"),
        ("messages: [{role: boss, text: text}]", "messages: 'boss' must be one of system, user,"),
        ("messages: [{role: user, text: nobody}]", "messages: 'nobody' is not a property"),
        ("messages: [{forEach: nobody, role: a}]", "messages: 'nobody' is not a property"),
    ],
)
def test_a_word_names_a_property_of_the_right_kind(tmp_path: Path, word: str, message: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        written(tmp_path, act=f"{PROPERTIES}\n{word}").form("act")
    assert message in str(raised.value)


def test_an_image_rule_requires_a_file_and_a_maximum(tmp_path: Path) -> None:
    text = "properties: [{name: a, type: STRING, image: {maxSide: b}}]"
    with pytest.raises(DefinitionError) as raised:
        written(tmp_path, act=text).form("act")
    assert "image requires the type FILE_ENTRY" in str(raised.value)
    assert "image: 'b' is not a property" in str(raised.value)


def body(tmp_path: Path, text: str, **given: Any) -> JsonObject:
    form = written(tmp_path, act=text).form("act")
    return build(form.action, form.accept(given).values).body or {}


def test_messages_are_built_from_the_given_values(tmp_path: Path) -> None:
    talk = [{"who": "USER", "says": "Hi"}, {"who": "assistant", "says": "Ho"}]
    assert body(tmp_path, CHAT, question="Why?", talk=talk)["messages"] == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Ho"},
        {"role": "user", "content": "Why?"},
    ]
    assert body(tmp_path, CHAT, rules="Be short", question="{x}")["messages"] == [
        {"role": "system", "content": "Be short"},
        {"role": "user", "content": "{x}"},
    ]
    nothing = body(tmp_path, CHAT, rules="", question="")["messages"]
    assert nothing == [{"role": "user", "content": ""}]


def test_an_option_may_send_several_keys(tmp_path: Path) -> None:
    text = """
    properties:
      - name: level
        type: STRING
        options: [{label: A, value: a, send: {keep: false, where: [x]}}, b]
        send: provider
    """
    assert body(tmp_path, text, level="a") == {"provider": {"keep": False, "where": ["x"]}}
    assert body(tmp_path, text, level="b") == {"provider": "b"}


def test_a_property_may_be_required_and_visible_under_different_conditions(tmp_path: Path) -> None:
    text = """
    properties:
      - {name: kind, type: STRING, required: true}
      - {name: names, type: STRING, requiredCondition: "kind == 'strict'"}
    """
    form = written(tmp_path, act=text).form("act")
    assert form.accept({"kind": "loose"}).values == {"kind": "loose"}
    assert "names" in form.visible({"kind": "loose"})
    with pytest.raises(InputError, match="names: is missing"):
        form.accept({"kind": "strict"})


def test_a_required_condition_is_checked(tmp_path: Path) -> None:
    text = 'properties: [{name: a, type: STRING, requiredCondition: "b == 1"}]'
    with pytest.raises(DefinitionError, match="refers to 'b', which is not a property"):
        written(tmp_path, act=text).form("act")


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        (
            "https://a.example/p/my%20cat.png?x=1#y",
            {"extension": "", "mimeType": "", "name": "my cat.png"},
        ),
        ("HTTP://a.example", {"extension": "", "mimeType": "", "name": "a.example"}),
        ("data:image/png;base64,AAAA", {"extension": "", "mimeType": "image/png", "name": "file"}),
    ],
)
def test_a_bare_url_is_accepted_as_a_file(tmp_path: Path, url: str, entry: JsonObject) -> None:
    text = """
    properties:
      - {name: file, type: FILE_ENTRY}
      - {name: files, type: ARRAY, items: {type: FILE_ENTRY}}
    """
    form = written(tmp_path, act=text).form("act")
    accepted = form.accept({"file": url, "files": [url]}).values
    assert accepted == {"file": entry | {"url": url}, "files": [entry | {"url": url}]}


@pytest.mark.parametrize("text", ["cat.png", "/etc/passwd", "file:///etc/passwd", "", "ftp://a/b"])
def test_other_text_is_not_accepted_as_a_file(tmp_path: Path, text: str) -> None:
    form = written(tmp_path, act="properties: [{name: file, type: FILE_ENTRY}]").form("act")
    with pytest.raises(InputError, match="file"):
        form.accept({"file": text})


APPENDING = """
properties:
  - {name: later, type: ARRAY, items: {type: STRING}, send: {to: options.list, as: append}}
  - {name: first, type: ARRAY, items: {type: STRING}, send: options.list}
  - name: inner
    type: OBJECT
    properties:
      - {name: later, type: ARRAY, items: {type: STRING}, send: {to: list, as: append}}
      - {name: list, type: ARRAY, items: {type: STRING}}
"""


@pytest.mark.parametrize(
    ("values", "body"),
    [
        ({"later": ["b"], "first": ["a"]}, {"options": {"list": ["a", "b"]}}),
        ({"later": ["b"]}, {"options": {"list": ["b"]}}),
        ({"later": [], "inner": {"later": []}}, {"inner": {}}),
        ({"inner": {"later": ["b"], "list": ["a"]}}, {"inner": {"list": ["a", "b"]}}),
    ],
)
def test_items_are_appended_at_their_place_behind_those_of_another_property(
    tmp_path: Path, values: JsonObject, body: JsonObject
) -> None:
    action = written(tmp_path, act=APPENDING).form("act").action
    assert build(action, values, None).body == body
