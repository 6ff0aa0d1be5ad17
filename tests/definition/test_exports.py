"""The exports: ByteChef (compared with its own definition if available), canvas and reference."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector.definition.conditions import compile_condition
from openrouter_connector.definition.derive.bytechef import bytechef
from openrouter_connector.definition.derive.canvas import canvas
from openrouter_connector.definition.derive.reference import example, reference
from openrouter_connector.definition.load import load_component
from support.definitions import MODELS, written

OURS = load_component()
DIFFERENCES = Path(__file__).parents[2] / "docs" / "differences.md"
MODEL = "{name: model, type: STRING, required: true}"
ASIDE = {"label", "description", "placeholder", "title", "icon", "help"}


def exported(folder: Path, properties: str) -> list[Any]:
    """Return the exported properties of an action."""
    definition = written(
        folder,
        act=f"properties: {properties}",
        options__models="name: models\nrequest: GET /models\nitems: data\nvalue: id\nlabel: name",
    )
    listed: list[Any] = bytechef(definition)["actions"][0]["properties"]
    return listed


@pytest.mark.parametrize(
    ("words", "control"),
    [
        ("type: STRING", "TEXT"),
        ("type: STRING, controlType: TEXT_AREA", "TEXT_AREA"),
        ("type: STRING, options: [x]", "SELECT"),
        ("type: STRING, options: {from: models}", "SELECT"),
        ("type: NUMBER", "NUMBER"),
        ("type: INTEGER", "INTEGER"),
        ("type: BOOLEAN", "SELECT"),
        ("type: ARRAY, items: {type: STRING}", "ARRAY_BUILDER"),
        ("type: ARRAY, items: {type: STRING}, options: [x]", "MULTI_SELECT"),
        ("type: OBJECT", "OBJECT_BUILDER"),
        ("type: FILE_ENTRY", "FILE_ENTRY"),
    ],
)
def test_the_control_follows_from_type_and_options(
    tmp_path: Path, words: str, control: str
) -> None:
    (prop,) = exported(tmp_path, f"[{{name: a, {words}}}]")
    assert prop["controlType"] == control


def test_a_property_is_exported_with_every_word_that_a_canvas_reads(tmp_path: Path) -> None:
    assert exported(
        tmp_path,
        """
        - {name: model, label: Model, description: Who., type: STRING, required: true, send: slug,
           options: {from: models, query: {a: b}, dependsOn: [sound]}}
        - {name: sound, type: BOOLEAN, defaultValue: false, advancedOption: true,
           displayCondition: "model == 'm'"}
        - {name: list, type: ARRAY, maxItems: 4, items: {type: NUMBER, minValue: 0, maxValue: 1}}
        - {name: bias, type: OBJECT, additionalProperties: {type: NUMBER}}
        - {name: file, type: FILE_ENTRY, accept: [mp3]}
        """,
    ) == [
        {
            "name": "model",
            "label": "Model",
            "description": "Who.",
            "type": "STRING",
            "controlType": "SELECT",
            "required": True,
            "optionsDataSource": {"optionsLookupDependsOn": ["sound"]},
        },
        {
            "name": "sound",
            "type": "BOOLEAN",
            "controlType": "SELECT",
            "required": False,
            "advancedOption": True,
            "displayCondition": "model == 'm'",
            "defaultValue": False,
            "options": [{"label": "True", "value": True}, {"label": "False", "value": False}],
        },
        {
            "name": "list",
            "type": "ARRAY",
            "controlType": "ARRAY_BUILDER",
            "required": False,
            "maxItems": 4,
            "items": [
                {
                    "type": "NUMBER",
                    "controlType": "NUMBER",
                    "required": False,
                    "minValue": 0,
                    "maxValue": 1,
                }
            ],
        },
        {
            "name": "bias",
            "type": "OBJECT",
            "controlType": "OBJECT_BUILDER",
            "required": False,
            "additionalProperties": [
                {"type": "NUMBER", "controlType": "NUMBER", "required": False}
            ],
        },
        {
            "name": "file",
            "type": "FILE_ENTRY",
            "controlType": "FILE_ENTRY",
            "required": False,
            "properties": [
                {"name": name, "type": "STRING", "controlType": "TEXT", "required": True}
                for name in ("extension", "mimeType", "name", "url")
            ],
        },
    ]


def test_a_canvas_gets_patterns_main_properties_and_output_schemas(tmp_path: Path) -> None:
    properties = "[{name: a, type: STRING, pattern: '[a-z]+', send: b, bytechef: false}]"
    words = f"main: a\nkeywords: [draw, picture]\nproperties: {properties}"
    (action,) = canvas(written(tmp_path, act=words))["actions"]
    assert action["main"] == "a"
    assert action["keywords"] == ["draw", "picture"]
    assert action["properties"] == [
        {
            "name": "a",
            "type": "STRING",
            "controlType": "TEXT",
            "required": False,
            "pattern": "[a-z]+",
        }
    ]
    assert action["outputSchema"] == {"type": "string"}


@pytest.mark.parametrize("name", OURS.component.actions)
def test_an_action_with_properties_has_a_main_one_unless_it_only_filters(name: str) -> None:
    action = OURS.form(name).action
    common = len(OURS.component.properties)
    own = action.properties[: len(action.properties) - common]
    assert action.main in {prop.name for prop in own} or not any(prop.required for prop in own)


def test_everything_without_bytechef_is_omitted(tmp_path: Path) -> None:
    (kept,) = exported(
        tmp_path,
        "[{name: a, type: STRING, options: [x, {label: y, value: y, bytechef: false}]},"
        " {name: b, type: STRING, bytechef: false}]",
    )
    assert kept["options"] == [{"label": "x", "value": "x"}]


def test_no_exported_condition_refers_to_an_omitted_property() -> None:
    for action in bytechef(OURS)["actions"]:
        names = {prop["name"] for prop in action["properties"]}
        for prop in action["properties"]:
            if condition := prop.get("displayCondition"):
                read = {name.partition(".")[0] for name in compile_condition(condition).reads}
                assert read <= names


def test_the_export_is_json() -> None:
    assert json.loads(json.dumps(bytechef(OURS))) == bytechef(OURS)


def test_the_documented_differences_are_complete(shared: Path) -> None:
    file = shared / "reference" / "bytechef-open-router_v1.json"
    if not file.is_file():
        pytest.skip(f"{file.name} is not among the reference material")
    theirs = json.loads(file.read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `([^`]+)` \|", DIFFERENCES.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert sorted(differences(theirs, bytechef(OURS), "")) == sorted(rows)


def differences(theirs: Any, ours: Any, path: str) -> Iterator[str]:
    """Return the paths at which two definitions differ, unset words and our own words aside."""
    listed = isinstance(theirs, list) and isinstance(ours, list)
    theirs, ours = keyed(theirs), keyed(ours)
    if not (isinstance(theirs, dict) and isinstance(ours, dict)):
        if theirs != ours or isinstance(theirs, bool) != isinstance(ours, bool):
            yield path
        return
    if listed and [key for key in theirs if key in ours] != [key for key in ours if key in theirs]:
        yield f"{path} (order)"
    for key in {**theirs, **ours}:
        if key not in ASIDE or is_option(path, key):
            yield from differences(theirs.get(key), ours.get(key), f"{path}.{key}".lstrip("."))


def is_option(path: str, key: str) -> bool:
    return key == "label" and ".options." in path


def keyed(value: Any) -> Any:
    """Drop unset words, and key the members of a list by their name or value."""
    if isinstance(value, list):
        numbers = count()
        return {name_of(one) or f"[{next(numbers)}]": one for one in value}
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if is_set(one)}
    return value


def is_set(value: Any) -> bool:
    """Return whether a word has a value; an object of unset words has none."""
    return any(map(is_set, value.values())) if isinstance(value, dict) else value is not None


def name_of(value: Any) -> str | None:
    named = value if isinstance(value, dict) else {}
    return str(named.get("name") or named.get("value") or "") or None


@pytest.mark.parametrize("name", OURS.component.actions)
def test_the_example_of_an_action_is_accepted(name: str) -> None:
    form = OURS.form(name)
    given = example(OURS.component, form.action)
    assert list(given) == ["label", "name", "parameters", "type"]
    assert given["type"] == f"openRouter/v1/{name}"
    assert list(given["parameters"]) == [prop.name for prop in form.action.properties]
    form.accept(given["parameters"])


def test_the_reference_page_names_every_property_and_option() -> None:
    page = reference(OURS)
    for name in OURS.component.actions:
        section = page.partition(f"Name: `{name}`")[2].partition("\n### ")[0]
        for prop in OURS.form(name).action.properties:
            assert f"| `{prop.name}`" in section
            values = [one.value for one in prop.choices]
            texts = [one if isinstance(one, str) else json.dumps(one) for one in values]
            assert all(f"`{value}`" in section for value in texts)


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("type: STRING, label: A, description: First.", "| `a` | A | `STRING` | First. | no |"),
        ("type: INTEGER, maxValue: 5", "| `a` | `INTEGER`<br>at most 5 | no |"),
        ("type: NUMBER, minValue: 0", "| `a` | `NUMBER`<br>0 or more | no |"),
        ("type: NUMBER, minValue: -1, maxValue: 1", "| `a` | `NUMBER`<br>-1 to 1 | no |"),
        ("type: STRING, required: true, defaultValue: x", '| `a` | `STRING` | yes | `"x"` |'),
        ("type: STRING, mirrors: parameters, required: true", "| `a` | `STRING` | in a form |"),
        ("type: BOOLEAN, bytechef: false", "| `a` + | `BOOLEAN`<br>one of `true`, `false` | no |"),
        (
            "type: STRING, options: [mp3, {label: Raw, value: pcm, bytechef: false}]",
            "| `a` | `STRING`<br>one of `mp3`, `pcm` (Raw) + | no |",
        ),
        (
            "type: ARRAY, maxItems: 4, items: {type: FILE_ENTRY, accept: [mp3, image/*]}",
            "| `a` | `ARRAY` of `FILE_ENTRY`<br>at most 4 items<br>`mp3`, `image/*` | no |",
        ),
        (
            "type: OBJECT, additionalProperties: {type: NUMBER}",
            "| `a` | `OBJECT`<br>any keys, with values of type `NUMBER` | no |",
        ),
    ],
)
def test_a_property_is_a_row_of_the_reference_page(tmp_path: Path, words: str, row: str) -> None:
    definition = written(
        tmp_path,
        act=f"modelSources: [{{from: models}}]\nproperties: [{{name: a, {words}}}, {MODEL}]",
        options__models=MODELS,
    )
    assert row in reference(definition).splitlines()


def test_a_property_inside_another_has_its_path_in_the_reference_page(tmp_path: Path) -> None:
    inner = "properties: [{name: b, type: STRING, required: true, displayCondition: 'a[index].b'}]"
    definition = written(
        tmp_path, act=f"properties: [{{name: a, type: ARRAY, items: {{type: OBJECT, {inner}}}}}]"
    )
    assert "| `a[].b` | `STRING` | when shown | `a[index].b` |" in reference(definition)


def test_the_tables_of_the_reference_page_are_well_formed(tmp_path: Path) -> None:
    definition = written(
        tmp_path,
        act="properties: [{name: a, type: STRING, label: 'A | B', description: 'x | y'}]",
    )
    for page in (reference(OURS), reference(definition)):
        for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
            cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(cells) == 1, table
