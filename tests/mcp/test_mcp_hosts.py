"""Compatibility with hosts: schemas, names, arguments as text, long lists, local files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from mcp_types import ListRootsResult, Root

from mcp import StdioServerParameters
from openrouter_connector import Connector
from openrouter_connector.faces.mcp.tools import Choice, Names, choose_tools, list_tools
from openrouter_connector.sandbox import Sandbox
from support.http_face import ASK
from support.mcp_host import Host, connect_host, error, text

KNOWN = {
    *("type", "description", "title", "default", "enum", "pattern", "minimum", "maximum"),
    *("minLength", "maxLength", "minItems", "maxItems"),
    *("properties", "required", "additionalProperties", "items", "anyOf"),
}


def schemas(schema: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield a schema and all schemas inside it, with their paths."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from schemas(inner, f"{path}.{name}")
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from schemas(schema[word], f"{path}.{word}")
    for index, inner in enumerate(schema.get("anyOf", [])):
        yield from schemas(inner, f"{path}.anyOf[{index}]")


def complaints(path: str, schema: Any) -> Iterator[str]:
    """Yield what any host refuses in a schema."""
    kind = schema.get("type")
    if unknown := set(schema) - KNOWN:
        yield f"{path}: {unknown} is not known everywhere"
    if "enum" in schema and kind != "string":
        yield f"{path}: an enum is for texts"
    if "" in schema.get("enum", []):
        yield f"{path}: an empty text is no choice"
    if isinstance(kind, list):
        yield f"{path}: one type"
    if "anyOf" in schema and len(schema) > 1:
        yield f"{path}: nothing may stand beside anyOf"
    if kind is None and "anyOf" not in schema:
        yield f"{path}: no type"
    if kind == "array" and "items" not in schema:
        yield f"{path}: no items"
    for name in schema.get("properties", {}):
        if not re.fullmatch(r"[a-zA-Z0-9_.-]{1,64}", name):
            yield f"{path}: {name}"


@pytest.mark.parametrize("names", get_args(Names))
def test_every_host_takes_every_tool(connector: Connector, names: Any) -> None:
    definition = connector.definition
    found: list[str] = []
    for tool in list_tools(definition, choose_tools(definition, Choice(names=names))):
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", tool["name"])
        assert 0 < len(tool["description"]) <= 1024
        assert tool["inputSchema"]["type"] == "object"
        for path, schema in schemas(tool["inputSchema"], tool["name"]):
            found += complaints(path, schema)
        for path, schema in schemas(tool["outputSchema"], tool["name"]):
            assert not isinstance(schema.get("type"), list), path
            assert "enum" not in schema or schema["type"] == "string", path

    assert found == []


def test_what_a_schema_cannot_say_is_said_in_words(host: Host) -> None:
    offered = host.tools()["listModels"]["inputSchema"]["properties"]

    assert offered["zdr"]["description"].endswith("One of: true.")


PICTURE = {"model": "sandbox/painter", "imageMessages": [{"content": "A boat"}]}


@pytest.mark.parametrize(
    "tool, arguments",
    [
        ("createImage", {"model": "sandbox/painter", "imageMessages": '[{"content": "A boat"}]'}),
        ("createImage", {**PICTURE, "imageMessages": ['{"content": "A boat"}']}),
        ("ask", {**ASK, "maxTokens": "100", "temperature": "0.5", "logprobs": "true"}),
        ("ask", {**ASK, "seed": "7.0", "logprobs": "False", "stop": '["x"]'}),
        ("ask", {**ASK, "provider": '{"sort": "price"}', "response": '{"responseFormat":"TEXT"}'}),
        ("ask", {**ASK, "reasoning": "", "maxTokens": "", "attachments": "", "logprobs": ""}),
        ("ask", {**ASK, "provider": {"sort": ""}, "format": "SIMPLE", "seed": "null"}),
    ],
)
def test_text_arguments_are_parsed(host: Host, tool: str, arguments: Any) -> None:
    assert not host.call(tool, arguments).is_error


def test_a_list_as_text_is_a_list_where_a_text_would_do_as_well(host: Host) -> None:
    embedded = host.call("createEmbeddings", {"model": "sandbox/indexer", "input": '["a", "b"]'})

    assert len(embedded.structured_content["output"]) == 2


@pytest.mark.parametrize("prompt", ['["a"]', '{"a": 1}', "100", "true", "null", ""])
def test_what_is_a_text_stays_one(host: Host, prompt: str) -> None:
    result = host.call("ask", {**ASK, "userPrompt": f"{prompt}", "systemPrompt": prompt})

    assert f"You said: {prompt}" in text(result)


@pytest.mark.parametrize("value", ["many", "[1", '"1"', "[1]", "NaN"])
def test_text_of_another_type_is_refused(host: Host, value: str) -> None:
    result = host.call("ask", {**ASK, "maxTokens": value})

    assert "maxTokens: " in text(result)
    assert error(result)["type"] == "InputError"


def test_a_long_list_is_returned_in_parts_that_fit_an_agent(host: Host) -> None:
    first = host.call("listModels", {})
    models = first.structured_content["output"]
    rest = host.call("listModels", {"offset": len(models), "limit": 2}).structured_content

    assert len(first.model_dump_json()) < 50_000
    assert f"; for more, pass offset={len(models)}, a limit or a search" in text(first)
    assert len(rest["output"]) == 2
    assert rest["output"][0]["id"] not in {model["id"] for model in models}


def test_an_unpaged_list_can_be_requested_in_parts(host: Host) -> None:
    whole = host.call("listZdrEndpoints", {}).structured_content["output"]
    part = host.call("listZdrEndpoints", {"limit": "1", "offset": 1}).structured_content
    found = host.call("listProviders", {"search": "no such words"}).structured_content

    assert part["output"] == whole[1:2]
    assert found["output"] == []


def test_an_unknown_model_is_reported_with_a_similar_name(host: Host) -> None:
    result = host.call("ask", {**ASK, "model": "sandbox/ehco"})

    assert "The model 'sandbox/ehco' does not exist; did you mean 'sandbox/echo'?" in text(result)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a note, a hidden file, and links that lead out of it."""
    allowed = tmp_path / "allowed"
    for place in (allowed, allowed / ".ssh", tmp_path / "allowed too"):
        place.mkdir()
        (place / "note.txt").write_text(f"The note of {place.name}")
    (tmp_path / "secret.txt").write_text("A secret")
    (allowed / "link.txt").symlink_to(tmp_path / "secret.txt")
    (allowed / "inner.txt").symlink_to(allowed / "note.txt")
    (allowed / "away").symlink_to(tmp_path)
    return allowed


def test_a_file_in_an_allowed_folder_is_read(start: Any, sandbox: Sandbox, folder: Path) -> None:
    host = start(sandbox.base_url, token=sandbox.token, folders=(folder,))
    note = folder / "note.txt"

    for name in (str(note), note.as_uri(), "note.txt", str(folder / "inner.txt")):
        result = host.call("ask", {**ASK, "attachments": [name]})
        assert "The note of allowed" in text(result)


OUTSIDE = [
    *("../secret.txt", "{folder}/../secret.txt", "{folder}/link.txt", "{folder}/away/secret.txt"),
    *("file://{folder}/%2e%2e/secret.txt", "file://elsewhere{folder}/note.txt", "{folder}"),
    *("{folder}/.ssh/note.txt", "{folder} too/note.txt", "/etc/passwd", "file:///etc/passwd"),
    *("{folder}/absent.txt", "{folder}/note.txt\0", "s3://{folder}/note.txt"),
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_outside_of_it_is_read(
    start: Any, sandbox: Sandbox, folder: Path, name: str
) -> None:
    host = start(sandbox.base_url, token=sandbox.token, folders=(folder,))

    result = host.call("ask", {**ASK, "attachments": [name.format(folder=folder)]})

    assert "is not a file of this server" in text(result)


def test_the_message_names_the_option(host: Host) -> None:
    assert "--allow-dir" in text(host.call("ask", {**ASK, "attachments": ["/etc/passwd"]}))


def test_the_roots_of_a_host_are_allowed_over_stdio(
    host_command: StdioServerParameters, folder: Path, tmp_path: Path
) -> None:
    async def roots(_: Any) -> ListRootsResult:
        return ListRootsResult(roots=[Root(uri=folder.as_uri())])  # type: ignore[arg-type]

    with connect_host(host_command, mode="legacy", list_roots_callback=roots) as host:
        inside = host.call("ask", {**ASK, "attachments": [str(folder / "note.txt")]})
        outside = host.call("ask", {**ASK, "attachments": [str(tmp_path / "secret.txt")]})

    assert "The note of allowed" in text(inside)
    assert "is not a file of this server" in text(outside)


def test_the_list_of_tools_is_the_same_each_time(talk: Any) -> None:
    first, second = (talk("tools/list", {})["result"] for _ in range(2))

    assert first == second
    assert json.dumps(first) == json.dumps(second)
