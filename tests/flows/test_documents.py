"""Files of flows: read whole or refused with the place, written whole or not at all."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import thread_time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from openrouter_connector.definition.yaml_file import JsonLoader
from openrouter_connector.errors import FileError, InputError
from openrouter_connector.flows.flow import Flow
from openrouter_connector.flows.formats import export_flow, import_flow
from openrouter_connector.flows.formats.document import read_document, write_json, write_yaml
from openrouter_connector.values import Json
from support.flows import ask, flow

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_what_is_written_is_read_again(value: Json) -> None:
    document = {"x": value}
    for text in (write_json(document), write_yaml(document)):
        assert json.dumps(read_document(text)) == json.dumps(document)


@given(VALUES)
def test_yaml_is_read_as_the_definitions_are(value: Json) -> None:
    text = yaml.safe_dump(value, sort_keys=False)
    try:
        known = yaml.load(text, JsonLoader)
    except yaml.YAMLError:
        return  # a key that only YAML 1.1 does not quote
    assert json.dumps(read_document("x:\n" + _indented(text))["x"]) == json.dumps(known)


def _indented(text: str) -> str:
    return "".join(f" {line}" for line in text.replace("\n...\n", "\n").splitlines(keepends=True))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("1e999", "is no number that JSON can express"),
        ("-1e999", "is no number that JSON can express"),
        ("NaN", "is no number that JSON can express"),
        ("Infinity", "is no number that JSON can express"),
        ('"\\ud800"', "holds half of a character"),
    ],
)
def test_a_value_that_no_file_can_hold_is_refused_with_its_place(value: str, message: str) -> None:
    text = f'{{"tasks": [{{"type": "x/v1", "parameters": {{"n": [0, {value}]}}}}]}}'
    for read in (Flow.from_text, import_flow):
        with pytest.raises(InputError) as raised:
            read(text)
        (problem,) = raised.value.problems
        assert problem.path == "tasks[0].parameters.n[1]"
        assert message in problem.message


def test_all_such_values_are_listed_and_keys_too() -> None:
    with pytest.raises(InputError) as raised:
        Flow.from_json({"tasks": [], "a": float("nan"), "b\ud800": {"c": b"x", 3: 1}})
    assert sorted(one.path for one in raised.value.problems) == ["", "a", "b\\ud800", "b\\ud800.c"]
    str(raised.value).encode()


def test_an_alias_of_yaml_stands_for_a_copy() -> None:
    text = "tasks:\n- &a {name: a, type: x/v1, parameters: {p: [1]}}\n- *a\n"
    one, other = Flow.from_text(text).tasks
    one["parameters"]["p"].append(2)
    assert other["parameters"]["p"] == [1]


def test_a_value_that_stands_in_two_places_is_copied() -> None:
    step = ask("ask_1", "Hi")
    one, other = flow(step, step).tasks
    assert one == other
    assert one is not other


def test_an_aliased_step_with_a_password_is_exported() -> None:
    text = (
        "tasks:\n- &a {name: a, type: openRouter/v1/prompt, parameters: {baseUrl: "
        "'http://x.test/v1', model: m, prompt: Hi, apiKey: abcdef}}\n- *a\n"
    )
    exported = export_flow(Flow.from_text(text), "bytechef")
    assert "abcdef" not in exported.text
    assert [one.path for one in exported.removed] == [
        f"tasks[{index}].parameters.apiKey" for index in range(2)
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!binary aGk=", "line 1: the tag"),
        ("a: 1\n2: b", "line 2: 2 is no text"),
        ("a: 1\na: 2", "line 2: 'a' occurs twice"),
        ("a: *b", "line 1: the anchor 'b'"),
        ("a: &a [*a]", "contains itself"),
        ("--- 1\n--- 2", "another document"),
        ("a: !!int x", "is no int"),
    ],
)
def test_yaml_that_json_cannot_hold_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_document(text)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"tasks": ', "line 1, column 11: the text ends too early"),
        ('{"a": 1\n "b": 2}', "line 2, column 2: a comma or a closing bracket is missing"),
        ('{"a": "x', "line 1, column 7: a closing quote is missing"),
        ("{'a': 'x' 'b'}", "line 1, column 2: a key must be in double quotes"),
        ('{"a": 1} more', "line 1, column 10: more follows behind the end"),
        ("a: 1\nb: see: c", "line 2: a text with a colon must be in quotes"),
        ("a: 1\n\t- b", "line 2: a line must be indented by spaces, not by a tab"),
    ],
)
def test_a_text_that_is_neither_json_nor_yaml_is_refused_with_its_place_and_what_is_wrong(
    text: str, fault: str
) -> None:
    with pytest.raises(InputError) as raised:
        read_document(text)
    assert str(raised.value) == f"the text is neither JSON nor YAML ({fault})"


def test_a_large_broken_file_of_json_is_refused_at_once() -> None:
    text = '{"tasks":[' + '{"name":"a","type":"x/v1"},' * 350_000
    started = thread_time()
    with pytest.raises(
        InputError, match=r"is not JSON \(line 1, column \d+: the text ends too early\)"
    ):
        read_document(text)
    assert thread_time() - started < 3


def test_flow_style_yaml_is_read() -> None:
    assert read_document("{tasks: [{type: x/v1}]}") == {"tasks": [{"type": "x/v1"}]}


@pytest.mark.parametrize("name", ["flow.json", "flow.yaml"])
def test_many_may_save_and_load_one_file_at_once(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    flows = [flow(label="abcd"[n] * 1000 * (n + 1)) for n in range(4)]
    flows[0].save(file)

    def work(number: int) -> None:
        for _ in range(15):
            flows[number].save(file)
            assert Flow.load(file) in flows

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["file/x.json", "gone/x.json", "a" * 300 + ".json", "x\0.json"])
def test_a_path_that_cannot_be_written_or_read_is_one_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(FileError):
        flow().save(tmp_path / name)
    with pytest.raises(FileError):
        Flow.load(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_flow_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    flow(label="Old").save(file)
    changed = flow(label="New")
    changed.document["odd"] = "\ud800"
    for path in (file, tmp_path / "new.yaml"):
        with pytest.raises(InputError, match="odd: holds half of a character"):
            changed.save(path)
    assert Flow.load(file).label == "Old"
    assert [path.name for path in tmp_path.iterdir()] == ["flow.json"]


@pytest.mark.skipif(os.name != "posix", reason="has modes and links of files")
def test_a_saved_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    file, link = tmp_path / "flow.json", tmp_path / "link.json"
    flow(label="Old").save(file)
    file.chmod(0o640)
    link.symlink_to(file)
    flow(label="New").save(link)
    assert link.is_symlink()
    assert Flow.load(file).label == "New"
    assert file.stat().st_mode & 0o777 == 0o640
