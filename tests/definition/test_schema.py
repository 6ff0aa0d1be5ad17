"""JSON Schemas: our files match those of the format, and forms agree with their own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openrouter_connector.definition.derive.format_schema import format_schemas, format_tables
from openrouter_connector.definition.derive.json_schema import output_schema
from openrouter_connector.definition.form import Form
from openrouter_connector.definition.load import load_component
from openrouter_connector.definition.model import Output, Property
from openrouter_connector.definition.schema_problems import form_validator
from openrouter_connector.errors import InputError
from support.definitions import MODELS, written

ROOT = Path(__file__).parents[2]
FORMAT = format_schemas()
OURS = load_component()
FILES = sorted([ROOT / "connector.yaml", *(ROOT / "definitions").rglob("*.yaml")])


def kind(file: Path) -> str:
    """Name the schema of a file by its place."""
    if file.name == "connector.yaml":
        return "connector"
    return "action" if file.parent.name == "definitions" else file.parent.name


@pytest.mark.parametrize("name", sorted(FORMAT))
def test_the_committed_schemas_of_the_format_are_current(name: str) -> None:
    committed = json.loads((ROOT / "definitions" / "schema" / name).read_text(encoding="utf-8"))
    assert committed == FORMAT[name]
    Draft202012Validator.check_schema(committed)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_matches_the_schema_of_its_kind(file: Path) -> None:
    words = yaml.safe_load(file.read_text(encoding="utf-8"))
    if kind(file) == "shared":
        # Shared properties have a name, shared parts of an output have none.
        part = "Property" if "name" in words else "Shape"
        schema = {"$ref": f"#/$defs/{part}", "$defs": FORMAT["action.schema.json"]["$defs"]}
    else:
        schema = FORMAT[f"{kind(file)}.schema.json"]
    Draft202012Validator(schema).validate(words)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_names_its_schema_for_editors(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    if kind(file) != "shared":
        named = (file.parent / first.partition("$schema=")[2]).resolve()
        assert named == ROOT / "definitions" / "schema" / f"{kind(file)}.schema.json"


@pytest.mark.parametrize(
    "properties",
    [
        "[{name: a, type: STRING, lable: A}]",
        "[{name: a, type: TEXT}]",
        "[{name: a, type: STRING, options: [{label: A}]}]",
        "[{name: a, type: STRING, send: true}]",
        "[{name: A, type: STRING}]",
        "[{type: ARRAY, items: {type: STRING, colour: red}}]",
    ],
)
def test_an_editor_rejects_what_the_loader_rejects(properties: str) -> None:
    head = {"name": "act", "title": "A", "description": "d", "request": "GET /x"}
    action = head | {"output": {"type": "STRING"}, "properties": yaml.safe_load(properties)}
    validator = Draft202012Validator(FORMAT["action.schema.json"])
    assert not validator.is_valid(action)
    assert validator.is_valid(action | {"properties": [{"name": "a", "type": "STRING"}]})


def test_every_word_of_the_format_is_in_its_tables() -> None:
    tables = format_tables()
    for schema in FORMAT.values():
        for part in [schema, *schema.get("$defs", {}).values()]:
            assert f"### {part['title']}\n" in tables
            assert all(f"| `{word}` |" in tables for word in part["properties"])


@pytest.mark.parametrize("name", sorted(FORMAT))
def test_every_word_has_a_description_and_a_valid_example(name: str) -> None:
    schema = FORMAT[name]
    for part in [schema, *schema.get("$defs", {}).values()]:
        for word, about in part["properties"].items():
            where = f"{part['title']}.{word}"
            assert about.get("description", "").endswith((".", "…")), where
            (example,) = about["examples"]
            checker = Draft202012Validator({"$defs": schema.get("$defs", {}), **about})
            assert checker.is_valid(example), f"{where}: {example}"


def values(prop: Property) -> st.SearchStrategy[Any]:
    """Return values of a property, most of them right."""
    if prop.type == "BOOLEAN":
        return st.booleans()
    if prop.type == "ARRAY" and prop.items:
        listed = [one.value for one in prop.choices]
        items = st.sampled_from(listed) if listed else values(prop.items)
        return st.lists(items, max_size=5)
    if prop.type == "OBJECT":
        return parameters(prop.properties)
    if prop.type == "FILE_ENTRY":
        keys = ("extension", "mimeType", "name", "url")
        return st.fixed_dictionaries(dict.fromkeys(keys, st.text(max_size=3)))
    if prop.choices:
        return st.sampled_from([one.value for one in prop.choices])
    numbers = {"NUMBER": st.floats(-3, 3), "INTEGER": st.integers(-1, 25)}
    return numbers.get(prop.type, st.text(max_size=3))


JUNK: st.SearchStrategy[Any] = st.sampled_from(
    ["x", "{}", "", 0, 1, 1.0, 2.5, True, [], ["x"], [None], {}, {"x": 1}, {"url": "u"}]
)


def parameters(properties: Iterable[Property]) -> st.SearchStrategy[dict[str, Any]]:
    """Return parameters of which one may be wrong."""
    named = {prop.name: prop for prop in properties if prop.name}
    right = st.fixed_dictionaries(
        {name: values(prop) for name, prop in named.items() if prop.required},
        optional={name: values(prop) for name, prop in named.items() if not prop.required},
    )
    wrong = st.dictionaries(st.sampled_from([*named, "unknown"]), JUNK, max_size=1)
    return st.builds(lambda one, other: one | other, right, wrong)


@pytest.mark.parametrize("name", OURS.component.actions)
def test_the_schema_of_a_form_is_valid(name: str) -> None:
    Draft202012Validator.check_schema(OURS.form(name).schema)


@pytest.mark.parametrize("name", OURS.component.actions)
def test_a_form_and_its_schema_agree(name: str) -> None:
    form = OURS.form(name)
    schema = form_validator(form.schema)

    @settings(max_examples=60, deadline=None)
    @given(parameters(form.action.properties))
    def agree(given: dict[str, Any]) -> None:
        try:
            accepted = form.accept(given)
        except InputError as error:
            # A schema cannot express conditions, or what is inside a text.
            beyond = ("is missing", "is not a JSON Schema", "is nested", "refers to")
            only_beyond = all(problem.message.startswith(beyond) for problem in error.problems)
            assert not schema.is_valid(given) or only_beyond
        else:
            assert schema.is_valid(accepted.values)
            assert schema.is_valid(given) or accepted.warnings
            assert form.accept(accepted.values) == type(accepted)(accepted.values, ())
            shown = form.visible(accepted.values)
            assert {name for name in accepted.values if name != "supportedParameters"} <= set(shown)

    agree()


def test_required_lists_what_every_call_must_have(tmp_path: Path) -> None:
    form: Form = written(
        tmp_path,
        options__models=MODELS,
        act="""
        modelSources: [{from: models, property: always}]
        properties:
          - {name: always, type: STRING, required: true}
          - {name: filter, type: STRING, required: true, mirrors: parameters}
          - {name: defaulted, type: STRING, required: true, defaultValue: x}
          - {name: conditional, type: STRING, required: true, displayCondition: always}
          - {name: filled, type: OBJECT, required: true, properties:
              [{name: inner, type: STRING, required: true, defaultValue: x}]}
          - {name: outer, type: OBJECT, required: true, properties:
              [{name: inner, type: STRING, required: true}]}
        """,
    ).form("act")
    assert form.schema["required"] == ["always", "outer"]
    assert form.schema["properties"]["outer"]["required"] == ["inner"]
    form.accept({"always": "", "outer": {"inner": ""}})


def test_an_output_may_have_more_and_fewer_parts_than_its_schema() -> None:
    output = Output.model_validate(
        {
            "type": "ARRAY",
            "items": {
                "type": "OBJECT",
                "properties": [
                    {"name": "vector", "type": "ANY", "description": "Numbers.",
                     "anyOf": [{"type": "ARRAY", "items": {"type": "NUMBER"}}, {"type": "STRING"}]},
                    {"name": "index", "type": "INTEGER"},
                ],
            },
        }
    )  # fmt: skip
    validator = Draft202012Validator(output_schema(output))
    for row in (
        {},
        {"more": 1},
        {"index": None, "vector": None},
        {"vector": [0.5]},
        {"vector": "AA"},
    ):
        assert validator.is_valid([row])
    for value in ({"index": 1}, [5], [None], [{"index": "1"}], [{"vector": ["a"]}]):
        assert not validator.is_valid(value)


def test_a_dynamic_output_schema_allows_any_value() -> None:
    output = Output.model_validate({"type": "STRING", "description": "It.", "dynamicSchema": True})
    assert output_schema(output) == {"description": "It."}
