"""Each operation returns the same through every face as `session.perform` does in Python.

One sandbox, one server over HTTP and one MCP session serve all of them; the files lie in one store.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import start_blocking_portal

from mcp import StdioServerParameters
from openrouter_connector import Connector, FileEntry, FileStore, Result
from openrouter_connector.faces.cli import main
from openrouter_connector.faces.http.app import Settings, create_app
from openrouter_connector.faces.http.server import server_for
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.faces.listening import listen, url_of
from openrouter_connector.sandbox import Sandbox
from support.mcp_host import Host, connect_host

Json = Any
Perform = Callable[[str, Json], Result]

TOKEN = "sk-or-v1-private"  # of the one who has a private model
CHAT = {"model": "sandbox/echo", "messages": [{"role": "user", "content": "Hello"}]}
SPOKEN = {"model": "sandbox/speaker", "input": "The tide is out.", "voice": "alba"}
FILM = {"model": "sandbox/filmer", "prompt": "A boat"}
PRIVATE = {"author": "sandbox", "slug": "house-style"}
# A text that begins with @ is what an earlier call gave.
OPERATIONS: dict[str, Json] = {
    "createSpeech": SPOKEN,
    "createTranscription": {"model": "sandbox/listener", "file": "@sound"},
    "createEmbeddings": {"model": "sandbox/indexer", "input": ["A fox", "A hen"], "dimensions": 8},
    "createMessage": CHAT,
    "createRerank": {"model": "sandbox/ranker", "query": "fox", "documents": ["A hen", "A fox"]},
    "createResponse": {"model": "sandbox/echo", "input": "Hello"},
    "createVideo": FILM,
    "getGeneration": {"id": "@generation"},
    "listModels": {"outputModalities": ["image", "speech"]},
    "getVideo": {"jobId": "@job"},
    "listEmbeddingModels": {},
    "listEndpoints": {"author": "sandbox", "slug": "echo"},
    "listZdrEndpoints": {},
    "getGenerationContent": {"id": "@generation"},
    "countModels": {"outputModalities": ["all"]},
    "listUserModels": {"limit": 200},
    "getPrivateModel": PRIVATE,
    "listPrivateModelEndpoints": PRIVATE,
    "listProviders": {},
    "downloadVideo": {"jobId": "@job"},
    "listVideoModels": {},
    "listTools": {},
    "getTool": {"name": "web_search"},
    "listContainerFiles": {"containerId": "cntr_sandbox0001"},
    "downloadContainerFile": {
        "containerId": "cntr_sandbox0001",
        "fileId": "cfile_sandbox0001",
    },
    "getBenchmarks": {"source": "artificial-analysis"},
    "sendChatCompletion": CHAT,
}
# Tried in `tests/actions` alone: they change something, need a management key, or are alike.
ELSEWHERE = {
    *("getContainerFile", "promoteContainerFile", "sendFeedback"),
    *("createPreset", "listPresetVersions", "getPresetVersion"),
    *("getActivity", "getAnalyticsMeta", "queryAnalytics", "listOrganizationMembers"),
    *("getTaskClassifications", "getAppRankings", "getRankingsDaily", "getSessionCost"),
    *("createKey", "updateKey", "deleteKey"),
}
ANEW = {  # what two calls of the same kind do not have in common
    "createMessage": {"id"},
    "createResponse": {"id", "created_at", "completed_at"},
    "sendChatCompletion": {"id", "created"},
}
NAMES_AND_TIMES = {"generationId", "jobId", "latency"}


@pytest.fixture(scope="module")
def environment(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a program: the server of its calls, its files and its lists."""
    folder = tmp_path_factory.mktemp("doors")
    return {
        "OPENROUTER_API_KEY": TOKEN,
        "OPENROUTER_BASE_URL": sandbox.base_url,
        "OPENROUTER_CONNECTOR_FILES": str(folder / "files"),
        "OPENROUTER_CONNECTOR_CACHE": str(folder / "cache"),
    }


@pytest.fixture(scope="module")
def files(environment: dict[str, str]) -> FileStore:
    return FileStore(environment["OPENROUTER_CONNECTOR_FILES"])


@pytest.fixture(scope="module")
def perform(connector: Connector, sandbox: Sandbox, files: FileStore) -> Iterator[Perform]:
    """Perform an action in Python, in one open session."""
    session = connector.connect(TOKEN, base_url=sandbox.base_url, files=files)
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(session),
    ):
        yield lambda action, parameters: portal.call(session.perform, action, parameters)


@pytest.fixture(scope="module")
def parameters(perform: Perform, files: FileStore) -> dict[str, Json]:
    """The parameters of each operation, with values that only an earlier call returns."""
    sound = perform("createSpeech", {**SPOKEN, "responseFormat": "wav"}).output
    path = files.path_of(sound)
    assert path is not None
    url = f"data:audio/wav;base64,{b64encode(path.read_bytes()).decode()}"
    earlier = {
        "@sound": {**sound.to_json(), "url": url},
        "@generation": perform("sendChatCompletion", CHAT).metadata.generation_id,
        "@job": perform("createVideo", FILM).metadata.job_id,
    }
    return {
        action: {
            name: earlier[value] if str(value).startswith("@") else value
            for name, value in given.items()
        }
        for action, given in OPERATIONS.items()
    }


@pytest.fixture(scope="module")
def in_python(perform: Perform, parameters: dict[str, Json]) -> Callable[[str], Json]:
    """Return the result of an operation in Python; each is performed once."""
    found: dict[str, Json] = {}

    def given(action: str) -> Json:
        if action not in found:
            found[action] = perform(action, parameters[action]).to_json()
        return found[action]

    return given


@pytest.fixture
def command(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[str, Json], Json]:
    """Perform an action on the command line."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(action: str, parameters: Json) -> Json:
        capsys.readouterr()
        assert main(["run", action, "--json", "--params", json.dumps(parameters)]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture(scope="module")
def over_http(
    connector: Connector, sandbox: Sandbox, files: FileStore
) -> Iterator[Callable[[str, Json], Json]]:
    """Perform an action over HTTP."""
    given = {"sandbox": StartupConnection(TOKEN, sandbox.base_url)}
    listener = listen("127.0.0.1", 0)
    server = server_for(create_app(connector, files, Settings(startup=given)))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.002)
    with httpx.Client(base_url=url_of(listener), timeout=40, trust_env=False) as api:

        def post(action: str, parameters: Json) -> Json:
            answer = api.post(f"/api/actions/{action}/perform", json={"parameters": parameters})
            assert answer.status_code == 200, answer.text
            return answer.json()

        yield post
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def host(environment: dict[str, str]) -> Iterator[Host]:
    """A host that started `openrouter-connector mcp`."""
    words = ["-m", "openrouter_connector", "mcp"]
    server = StdioServerParameters(command=sys.executable, args=words, env=environment)
    with connect_host(server) as host:
        yield host


@pytest.fixture
def tool(host: Host) -> Callable[[str, Json], Json]:
    """Perform an action as an agent does."""

    def call(action: str, parameters: Json) -> Json:
        result = host.call(action, parameters)
        assert not result.is_error, result.content
        return result.structured_content

    return call


def test_no_operation_of_the_catalogue_is_left_out(connector: Connector) -> None:
    component = connector.definition.component
    aliased = [
        name for name in component.actions if connector.definition.form(name).action.operation_id
    ]
    assert sorted([*OPERATIONS, *ELSEWHERE]) == sorted(aliased)
    assert len(OPERATIONS) == 27


@pytest.mark.parametrize("door", ["command", "over_http", "tool"])
@pytest.mark.parametrize("action", OPERATIONS)
def test_an_operation_returns_the_same_through_every_face(
    request: pytest.FixtureRequest,
    in_python: Callable[[str], Json],
    parameters: dict[str, Json],
    action: str,
    door: str,
) -> None:
    result = request.getfixturevalue(door)(action, parameters[action])
    assert comparable(action, result) == comparable(action, in_python(action))


def comparable(action: str, result: Json) -> Json:
    """Return `{output, metadata}` without values that differ between two equal calls."""
    metadata = {key: one for key, one in result["metadata"].items() if key not in NAMES_AND_TIMES}
    output = without(result["output"], ANEW.get(action, set()))
    return named({"output": output, "metadata": metadata})


def without(value: Json, keys: set[str]) -> Json:
    if isinstance(value, dict):
        return {key: without(one, keys) for key, one in value.items() if key not in keys}
    return [without(one, keys) for one in value] if isinstance(value, list) else value


def named(value: Json) -> Json:
    """Replace file URLs, which differ between faces, by file ids, which do not."""
    if isinstance(value, list):
        return [named(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == FileEntry("", "", "", "").to_json().keys():
        return {**value, "url": Path(value["url"]).name}
    return {key: named(one) for key, one in value.items()}
