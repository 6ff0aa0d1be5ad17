"""A definition is loaded from its files: ours, small ones, and invalid YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from openrouter_connector.definition.load import load_component
from openrouter_connector.errors import DefinitionError, InputError
from support.definitions import MODELS, problems, written


def test_our_own_definition_is_valid() -> None:
    definition = load_component()
    definition.check()
    first = ("ask", "createImage", "createSpeech", "createTranscription")
    assert definition.component.actions[:4] == first
    assert set(definition.sources) >= {"models", "imageModels"}


def test_a_folder_and_its_connector_file_are_the_same(tmp_path: Path) -> None:
    written(tmp_path, act="properties: []")
    assert (
        load_component(tmp_path).component == load_component(tmp_path / "connector.yaml").component
    )


def test_an_action_is_loaded_on_first_use(tmp_path: Path) -> None:
    definition = written(tmp_path, good="properties: []", bad="propertys: []")
    assert definition.form("good").action.name == "good"
    with pytest.raises(DefinitionError, match=r"^bad.yaml: propertys: unknown word$"):
        definition.form("bad")


def test_an_unknown_action_has_a_suggestion(tmp_path: Path) -> None:
    definition = written(tmp_path, createSpeech="properties: []")
    with pytest.raises(InputError, match="'create_speach' does not exist; did you mean 'createS"):
        definition.form("create_speach")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: act\ntitle: A\ntitle: B", "line 3: 'title' occurs twice"),
        ("name: act\nproperties:\n  - {name: a, name: a}", "line 3: 'name' occurs twice"),
        ("name: act\n1: one", "line 2: 1 is not text; put it in quotes"),
        ("name: act\n? [a]\n: one", "line 2: ['a'] is not text"),
        ("name: [\n", "line 2: did not find expected node content"),
        ("name: act\n\ttitle: x", "line 2: found a tab character"),
        ("name: act\nversion: !!python/object:os.system x", "line 2: could not determine"),
        ("name: act\nversion: !!int x", "is not valid YAML"),
        ("name: act\nversion: !!timestamp x", "is not valid YAML"),
        ("name: a\x00", "is not valid YAML"),
        ("- name: act", "must be a mapping"),
        ("name", "must be a mapping"),
        ("", "must be a mapping"),
        ("name: &a [*a]", "uses a shared part that contains itself"),
    ],
)
def test_invalid_yaml_is_reported(tmp_path: Path, text: str, message: str) -> None:
    definition = written(tmp_path, act="properties: []")
    (tmp_path / "definitions" / "act.yaml").write_text(text, encoding="utf-8")
    assert any(one.startswith(f"act.yaml: {message}") for one in problems(lambda: definition))


def test_a_file_that_is_not_text_is_reported(tmp_path: Path) -> None:
    definition = written(tmp_path, act="properties: []")
    (tmp_path / "definitions" / "act.yaml").write_bytes("name: act".encode("utf-16"))
    assert problems(lambda: definition) == ["act.yaml: is not UTF-8 text"]


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    definition = written(tmp_path, act="properties: []")
    (tmp_path / "definitions" / "act.yaml").unlink()
    assert problems(lambda: definition) == ["act.yaml: No such file or directory"]
    assert problems(lambda: load_component(tmp_path / "nowhere" / "connector.yaml")) == [
        "connector.yaml: No such file or directory"
    ]
    assert problems(lambda: load_component(tmp_path / "definitions")) == [
        "connector.yaml: No such file or directory"
    ]


def test_yaml_is_read_like_json(tmp_path: Path) -> None:
    listed = (
        "NO, no, on, Yes, 1:1, 010, 0x10, 1_000, .5, 2026-11-21, =, True, 1, 1.5, true, -2, 1e3"
    )
    definition = written(
        tmp_path, act=f"properties: [{{name: a, type: STRING, options: [{listed}]}}]"
    )
    values = [option.value for option in definition.form("act").action.properties[0].choices]
    texts = [
        "NO",
        "no",
        "on",
        "Yes",
        "1:1",
        "010",
        "0x10",
        "1_000",
        ".5",
        "2026-11-21",
        "=",
        "True",
    ]
    assert values == [*texts, 1, 1.5, True, -2, 1000.0]
    assert [type(value) for value in values[12:]] == [int, float, bool, int, float]


def test_a_shared_property_accepts_further_words(tmp_path: Path) -> None:
    definition = written(
        tmp_path,
        act="properties: [{shared: endUser, label: Customer}]",
        shared__end_user="name: user\nlabel: User\ntype: STRING\nadvancedOption: true",
    )
    (user,) = definition.form("act").action.properties
    assert (user.name, user.label, user.advanced_option) == ("user", "Customer", True)


def test_a_shared_part_may_occur_anywhere_and_contain_another(tmp_path: Path) -> None:
    definition = written(
        tmp_path,
        act="""
        name: act
        title: An action
        description: It acts.
        request: POST /act
        properties: [{name: a, type: OBJECT, properties: [{shared: city, label: Town}]}]
        output: {shared: place, path: data, required: true}
        """,
        shared__city="name: city\nlabel: City\ntype: STRING",
        shared__place="type: OBJECT\nproperties: [{name: post_code, shared: code}]",
        shared__code="type: STRING\ndescription: Where it is.",
    )
    action = definition.form("act").action
    assert [(one.name, one.label) for one in action.properties[0].properties] == [("city", "Town")]
    (code,) = action.output.properties
    assert (code.name, code.type, code.description) == ("post_code", "STRING", "Where it is.")
    assert (action.output.path, action.output.required) == ("data", True)


def test_a_shared_part_that_contains_itself_is_reported(tmp_path: Path) -> None:
    definition = written(
        tmp_path,
        act="properties: [{shared: ring}]",
        shared__ring="name: ring\ntype: OBJECT\nproperties: [{shared: ring}]",
    )
    assert problems(lambda: definition) == ["act.yaml: uses a shared part that contains itself"]


@pytest.mark.parametrize(
    ("word", "needed"),
    [
        ("", [False, False]),
        (", lookupCondition: true", [True, True]),
        (", lookupCondition: a == 'x'", [True, False]),
    ],
)
def test_a_call_looks_up_the_rows_that_it_needs(
    tmp_path: Path, word: str, needed: list[bool]
) -> None:
    properties = "[{name: model, type: STRING, required: true}, {name: a, type: STRING}]"
    definition = written(
        tmp_path,
        act=f"modelSources: [{{from: models{word}}}]\nproperties: {properties}",
        options__models=MODELS,
    )
    (model_info,) = definition.form("act").action.model_sources
    assert [model_info.is_needed({"a": value}) for value in ("x", "y")] == needed
    assert model_info.property == "model"
