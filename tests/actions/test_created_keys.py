"""Keys: what `createKey` is answered with is stored as a connection, and is nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import (
    ConnectionStore,
    Connector,
    CredentialError,
    FileError,
    ForbiddenError,
    IncompleteError,
    InputError,
)
from openrouter_connector.connections.store import StoredConnection
from openrouter_connector.sandbox import Sandbox
from support.definitions import altered
from support.scripted_server import Answer, Received, response, scripted

MANAGEMENT = "sk-or-v1-management"
NIGHTLY = {"name": "Nightly", "connectionName": "nightly", "limit": 5, "limitReset": "weekly"}
Call = Callable[..., Any]


@pytest.fixture
def connections(tmp_path: Path) -> ConnectionStore:
    """A store of connections that nobody else uses."""
    return ConnectionStore(tmp_path / "connections")


@pytest.fixture
def call(connector: Connector, played: Sandbox, connections: ConnectionStore) -> Call:
    """Perform an action with the management key; `options` are those of `connect`."""

    def performed(action: str, parameters: Any = None, **options: Any) -> Any:
        options = {"base_url": played.base_url, "connections": connections, **options}
        return connector.run(action, parameters or {}, MANAGEMENT, **options)

    return performed


def test_a_new_key_is_stored_as_a_connection_that_works(
    call: Call, connections: ConnectionStore, connector: Connector
) -> None:
    result = call("createKey", NIGHTLY)
    secret = connections.get("nightly").token or ""
    assert secret.startswith("sk-or-v1-") and secret != MANAGEMENT
    assert secret not in json.dumps(result.to_json())
    assert result.output["connection"] == "nightly"
    assert (result.output["name"], result.output["limit"]) == ("Nightly", 5)
    asked = {"model": "sandbox/echo", "userPrompt": "Hello"}
    answer = connector.run("ask", asked, connection="nightly", connections=connections)
    assert answer.output.endswith("Hello")


def test_a_key_is_listed_changed_and_deleted(
    call: Call, connections: ConnectionStore, connector: Connector
) -> None:
    key = {"hash": call("createKey", NIGHTLY).output["hash"]}
    assert call("updateKey", {**key, "limit": 9, "name": "Weekly"}).output["limit"] == 9
    assert [one["name"] for one in call("listKeys").output if one["hash"] == key["hash"]] == [
        "Weekly"
    ]
    assert call("deleteKey", key).output == {"deleted": True}
    with pytest.raises(CredentialError):
        connector.run("getKey", {}, connection="nightly", connections=connections)


@pytest.mark.parametrize("name", ["nightly", "a/b"])
def test_a_key_that_could_not_be_stored_is_not_created(
    call: Call, played: Sandbox, name: str
) -> None:
    call("createKey", NIGHTLY)
    before = len(call("listKeys").output)
    with pytest.raises(InputError, match="connectionName"):
        call("createKey", {**NIGHTLY, "connectionName": name})
    assert len(call("listKeys").output) == before


def test_of_keys_that_are_created_at_once_for_one_connection_one_is_created(
    call: Call, connections: ConnectionStore, connector: Connector
) -> None:
    before = len(call("listKeys").output)

    def create(_: int) -> str:
        try:
            return str(call("createKey", NIGHTLY).output["connection"])
        except InputError as error:
            return error.problems[0].path

    with ThreadPoolExecutor(5) as threads:
        outcomes = sorted(threads.map(create, range(5)))
    assert outcomes == ["connectionName"] * 4 + ["nightly"]
    assert len(call("listKeys").output) == before + 1


def test_a_name_is_free_again_after_a_key_was_refused(
    connector: Connector, played: Sandbox, connections: ConnectionStore, call: Call
) -> None:
    options: Any = {"base_url": played.base_url, "connections": connections}
    with pytest.raises(ForbiddenError):
        connector.run("createKey", NIGHTLY, played.token, **options)
    assert call("createKey", NIGHTLY).output["connection"] == "nightly"


def test_a_name_that_cannot_be_used_is_reported_at_its_property(
    played: Sandbox, connections: ConnectionStore, tmp_path: Path
) -> None:
    connector = altered(tmp_path / "own", create_key={"connectionName": "storedAs"})
    parameters = {"name": "Nightly", "storedAs": "a/b"}
    with pytest.raises(InputError) as refused:
        connector.run(
            "createKey", parameters, MANAGEMENT, base_url=played.base_url, connections=connections
        )
    assert [problem.path for problem in refused.value.problems] == ["storedAs"]


def test_a_key_without_rights_says_so(connector: Connector, played: Sandbox) -> None:
    with pytest.raises(ForbiddenError, match="management keys"):
        connector.run("listKeys", {}, played.token, base_url=played.base_url)


def test_the_keys_of_a_sandbox_that_ends_are_not_stored(
    connector: Connector, connections: ConnectionStore
) -> None:
    # The key of such a session is no management key, so the sandbox refuses it in any case.
    with pytest.raises(ForbiddenError):
        connector.run("createKey", NIGHTLY, sandbox=True, connections=connections)
    assert connections.list() == []


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_key_that_was_created_but_not_stored_is_named(
    connector: Connector, connections: ConnectionStore, tmp_path: Path, is_taken: bool
) -> None:
    """Meanwhile the name is taken by a connection with a key of its own, or the disk fails."""

    def answer(_: Received) -> Answer:
        if is_taken:
            connections.save(StoredConnection("nightly", "sk-or-v1-other"))
        else:
            (tmp_path / "connections" / "connections").write_text("in the way of the folder")
        made = {"data": {"hash": "f00d", "label": "sk-or-v1-new...key"}, "key": "sk-or-v1-newest"}
        return response(made, 201)

    with scripted(answer) as server, pytest.raises((InputError, FileError)) as caught:
        options: Any = {"base_url": server.base_url, "connections": connections}
        connector.run("createKey", NIGHTLY, MANAGEMENT, **options)
    for text in (str(caught.value), json.dumps(caught.value.to_json())):
        assert "the key (id 'f00d', label 'sk-or-v1-new...key') was created, but not stored" in text
        assert "deleteKey deletes it" in text and "sk-or-v1-newest" not in text


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {"hash": "h"}, "key": "sk-or-v1-cut-in-the-mid',
        b'{"data": {"hash": "h"}, "secret": "sk-or-v1-cut-in-the-middle"}',
    ],
)
def test_a_broken_response_shows_no_part_of_the_key(
    connector: Connector, connections: ConnectionStore, body: bytes
) -> None:
    with scripted(response(body, 201)) as server, pytest.raises(IncompleteError) as caught:
        options: Any = {"base_url": server.base_url, "connections": connections}
        connector.run("createKey", NIGHTLY, MANAGEMENT, **options)
    assert "list the keys" in str(caught.value)
    assert "sk-or-v1-cut" not in json.dumps([caught.value.to_json(), caught.value.raw])
