"""What an action says of its output: it is true of the sandbox, and of OpenRouter's documents."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from re import findall, sub
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openrouter_connector import ConnectionStore, Connector, FileStore, Result
from openrouter_connector.definition.derive.json_schema import output_schema
from openrouter_connector.definition.load import load_component
from openrouter_connector.definition.model import Output, Shape
from openrouter_connector.sandbox import Sandbox
from support.audio import spoken, wav
from support.parameters import DOT, NEWER

Given = Callable[[str], Result]

DEFINITION = load_component()
ACTIONS = DEFINITION.component.actions
OUTPUTS = {name: DEFINITION.form(name).action.output for name in ACTIONS}
SHAPED = [
    name
    for name, output in OUTPUTS.items()
    if (output.properties or output.items) and name not in NEWER
]
# What is put together here, of parts of a reply or of several replies.
MADE = [
    name
    for name in SHAPED
    if DEFINITION.form(name).action.for_each or any(part.path for part in OUTPUTS[name].properties)
]
HELLO = [{"role": "user", "content": "Hello"}]
TEXT = {"extension": "txt", "mimeType": "text/plain", "name": "a.txt", "url": "data:text/plain,A"}
HUM = f"data:audio/wav;base64,{b64encode(wav(spoken(0.1))).decode()}"
SOUND = {"extension": "wav", "mimeType": "audio/wav", "name": "a.wav", "url": HUM}
# Only its own pages tell of private models, which are described as others are.
TOLD_AS = {"/private/models/{model}": "/model/{model}",
           "/private/models/{model}/endpoints": "/models/{model}/endpoints"}  # fmt: skip


@pytest.fixture(scope="module")
def given(connector: Connector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """Perform an action at the sandbox, with what makes it succeed."""
    store = FileStore(tmp_path_factory.mktemp("files"))
    with Sandbox() as sandbox:

        def result(action: str) -> Result:
            parameters = PARAMETERS.get(action, {})
            parameters = parameters(result) if callable(parameters) else parameters
            token = TOKENS.get(action, sandbox.token)
            options: Any = {"base_url": sandbox.base_url, "files": store}
            # Each key gets a folder, since two connections cannot have the same name.
            options["connections"] = ConnectionStore(tmp_path_factory.mktemp("connections"))
            return connector.run(action, parameters, token, **options)

        yield result


TOKENS = {
    **dict.fromkeys(
        (
            *("getCredits", "getActivity", "getAnalyticsMeta", "queryAnalytics", "listKeys"),
            *("createKey", "updateKey", "deleteKey", "listOrganizationMembers"),
        ),
        "sk-or-v1-management",
    ),
    "getPrivateModel": "sk-or-v1-private",
    "listPrivateModelEndpoints": "sk-or-v1-private",
}


def _job(given: Given) -> Any:
    return {"jobId": given("createVideo").metadata.job_id}


def _generation(given: Given) -> Any:
    return {"id": given("ask").metadata.generation_id}


def _key(given: Given) -> Any:
    return {"hash": given("createKey").output["hash"]}


def _file(given: Given) -> Any:
    return {"fileId": given("uploadFile").output["id"]}


def _batch(given: Given) -> Any:
    return {"batchId": given("runBatch").metadata.job_id}


BATCH = {"model": "sandbox/echo", "requests": [{"userPrompt": "Hello"}]}
PICTURE = f"data:image/png;base64,{b64encode(DOT).decode()}"
FILE = {"containerId": "cntr_sandbox0001", "fileId": "cfile_sandbox0001"}
PARAMETERS: dict[str, Any] = {
    "analyzeImages": {
        "model": "sandbox/vision",
        "images": [PICTURE, PICTURE],
        "taskType": "object-detection",
    },
    "vision": {"model": "sandbox/vision", "imageUrls": [PICTURE], "prompt": "What is it?"},
    "prompt": {"model": "sandbox/echo", "prompt": "Hello"},
    "ask": {"model": "sandbox/echo", "userPrompt": "Hello"},
    "sendChatCompletion": {"model": "sandbox/echo", "messages": HELLO},
    "createMessage": {"model": "sandbox/echo", "messages": HELLO, "maxTokens": 99},
    "createResponse": {"model": "sandbox/echo", "input": "Hello"},
    "createImage": {"model": "sandbox/painter", "imageMessages": [{"content": "A boat"}]},
    "createSpeech": {"model": "sandbox/speaker", "input": "Hello", "voice": "alba"},
    "createTranscription": {"model": "sandbox/listener", "file": SOUND},
    "createVideo": {"model": "sandbox/filmer", "prompt": "A boat"},
    "getVideo": _job,
    "downloadVideo": _job,
    "createEmbeddings": {"model": "sandbox/indexer", "input": ["a", "b"]},
    "createRerank": {"model": "sandbox/ranker", "query": "a", "documents": ["a", {"text": "b"}]},
    "createBatch": BATCH,
    "runBatch": BATCH,
    "getBatch": _batch,
    "deleteBatch": _batch,
    "listModels": {"outputModalities": ["all"]},
    "getModel": {"model": "sandbox/echo"},
    "listEndpoints": {"model": "sandbox/echo"},
    "listImageEndpoints": {"model": "sandbox/painter"},
    "getPrivateModel": {"model": "sandbox/house-style"},
    "listPrivateModelEndpoints": {"model": "sandbox/house-style"},
    "getGeneration": _generation,
    "getGenerationContent": _generation,
    "uploadFile": {"file": TEXT},
    "getFile": _file,
    "deleteFile": _file,
    "downloadFile": {"fileId": "or_file_sandbox000000000001"},
    "getPreset": {"slug": "pirate"},
    "createPreset": {"slug": "polite", "model": "sandbox/echo", "temperature": 0.2},
    "listPresetVersions": {"slug": "pirate"},
    "getPresetVersion": {"slug": "pirate", "version": "1"},
    "sendFeedback": lambda given: {
        "generationId": _generation(given)["id"],
        "category": "formatting",
    },
    "getTool": {"name": "web_search"},
    "listContainerFiles": {"containerId": "cntr_sandbox0001"},
    "getContainerFile": FILE,
    "downloadContainerFile": FILE,
    "promoteContainerFile": FILE,
    "getActivity": lambda given: _generation(given) and {},
    "queryAnalytics": {"metrics": ["request_count"], "dimensions": ["model"]},
    "createKey": {"name": "nightly", "connectionName": "nightly", "limit": 5},
    "updateKey": lambda given: _key(given) | {"disabled": False},
    "deleteKey": lambda given: _key(given),
    "listKeys": lambda given: _key(given) and {},
}


@pytest.mark.parametrize("action", ACTIONS)
def test_what_the_sandbox_gives_is_what_the_action_says(given: Given, action: str) -> None:
    output = given(action).to_json()["output"]
    schema = output_schema(DEFINITION.form(action).action.output)
    Draft202012Validator.check_schema(schema)
    faults = Draft202012Validator(schema).iter_errors(output)
    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []
    assert output not in ([], {}, None)


@pytest.mark.parametrize("action", [name for name in SHAPED if name not in MADE])
def test_what_an_action_says_of_its_output_is_in_the_openapi_document(
    document: Any, action: str
) -> None:
    known = DEFINITION.form(action).action
    response = Response(document, known.request)
    assert list(unknown(known.output, response.at(known.output.path), action)) == []


@pytest.mark.parametrize("action", MADE)
def test_what_an_output_is_made_of_is_in_the_openapi_document(document: Any, action: str) -> None:
    known = DEFINITION.form(action).action
    response = Response(document, known.request)
    parts = list(known.output.properties)
    # The name of the connection is ours: it stands where the response had the key.
    ours = {"connection"} if known.stores_key else set()
    parts = [part for part in parts if part.path not in ours]
    paths = [part.path for part in parts if part.path] or [known.output.path or ""]
    assert [path for path in paths if not response.at(path)] == []
    for part in parts:
        if part.path:
            assert list(unknown(part, response.at(part.path), part.name)) == []


def test_a_part_that_the_api_does_not_give_would_be_noticed(document: Any) -> None:
    told = {"type": "OBJECT", "properties": [{"name": "id", "type": "STRING"},
            {"name": "choices", "type": "ARRAY", "items": {"type": "OBJECT", "properties": [
                {"name": "finish", "type": "STRING"}]}}]}  # fmt: skip
    output = Output.model_validate(told)
    response = Response(document, "POST /chat/completions")
    assert list(unknown(output, response.at(None), "it")) == ["it.choices.finish"]


def unknown(shape: Shape, told: list[Part], path: str) -> Iterator[str]:
    """Name the parts of a shape that no alternative of a schema has."""
    for one in shape.any_of:
        yield from unknown(one, told, path)
    if shape.items:
        yield from unknown(shape.items, [one for part in told for one in part.items()], path)
    for part in shape.properties:
        if found := [one for schema in told for one in schema.inside(part.name)]:
            yield from unknown(part, found, f"{path}.{part.name}")
        else:
            yield f"{path}.{part.name}"


class Part:
    """A schema of the document, its references and alternatives followed."""

    def __init__(self, schema: Any, document: Any) -> None:
        self.schema = schema
        self.document = document

    def inside(self, name: str) -> list[Part]:
        """Give what it says of a property, in any alternative."""
        found = [
            one["properties"][name] for one in self._all() if name in one.get("properties", {})
        ]
        free = [one["additionalProperties"] for one in self._all() if "additionalProperties" in one]
        return [Part(one, self.document) for one in found or free if one is not False]

    def items(self) -> list[Part]:
        """Give what it says of the items of a list, in any alternative."""
        return [Part(one["items"], self.document) for one in self._all() if "items" in one]

    def _all(self) -> Iterator[Any]:
        waiting = [self.schema]
        for schema in waiting:
            if not isinstance(schema, dict):
                continue
            yield schema
            if "$ref" in schema:
                waiting.append(
                    self.document["components"]["schemas"][schema["$ref"].split("/")[-1]]
                )
            for word in ("allOf", "anyOf", "oneOf"):
                waiting += schema.get(word, [])


class Response:
    """What the document says of a successful reply."""

    def __init__(self, document: Any, request: str) -> None:
        method, path = request.split(" ")
        path = TOLD_AS.get(path, path).replace("{model}", "{author}/{slug}")
        path = sub(
            r"\{(\w+)Id\}", lambda gap: gap[0] if gap[1] == "job" else f"{{{gap[1]}_id}}", path
        )
        responses = document["paths"][path][method.lower()]["responses"]
        content = next(told for status, told in responses.items() if status.startswith("2"))[
            "content"
        ]
        self.whole = Part(content["application/json"]["schema"], document)

    def at(self, path: str | None) -> list[Part]:
        """Follow a path into it."""
        found = [self.whole]
        for name in findall(r"\w+", path or ""):
            found = [
                one
                for part in found
                for one in (part.items() if name.isdigit() else part.inside(name))
            ]
        return found
