"""A stored connection belongs to one component and one host, whoever asks for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openrouter_connector import Connector, CredentialError, InputError
from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.connections.token_binding import BoundToken, origin_of
from openrouter_connector.connections.token_encryption import TokenVault
from support.foreign_component import foreign
from support.scripted_server import response, scripted
from support.stored_connections import OTHER, TOKEN, problem_of, work


@pytest.fixture
def another(tmp_path: Path) -> Connector:
    """A component of another API."""
    return Connector.load(foreign(tmp_path / "other", "https://api.example/v1"), cache=False)


def moved(tmp_path: Path, base_url: str) -> Connector:
    """A component of our name that leads elsewhere."""
    return Connector.load(foreign(tmp_path / "moved", base_url, name="openRouter"), cache=False)


def test_a_connection_is_refused_for_another_component(
    connections: ConnectionStore, another: Connector
) -> None:
    connections.save(work())
    theirs = connections.of(another.definition.component)
    assert (theirs.default, "work" in theirs) == (None, True)
    with pytest.raises(CredentialError, match="belongs to openRouter, and is not used for another"):
        theirs.get("work")
    with pytest.raises(CredentialError, match="belongs to openRouter"):
        another.run("say", {"model": "m"}, connection="work", connections=connections)
    with pytest.raises(InputError, match="already"):
        theirs.save(work(OTHER))
    assert connections.get().token == TOKEN


def test_a_connection_is_made_of_the_properties_of_its_component(
    connections: ConnectionStore, another: Connector
) -> None:
    theirs = connections.of(another.definition.component)
    theirs.save(work("any-key", team="red"))
    assert theirs.get() == work("any-key", team="red")
    with pytest.raises(InputError, match="title: is unknown; a connection may have baseUrl, team"):
        theirs.save(work("any-key", "b", title="An App"))
    with pytest.raises(InputError, match="team: is unknown"):
        connections.save(work(name="c", team="red"))
    told = next(one for one in connections.list() if one.name == "work")
    assert (told.component, told.problem, told.properties["baseUrl"]) == ("another", None, None)


def test_a_key_stays_with_its_host_when_a_component_leads_elsewhere(
    connections: ConnectionStore, tmp_path: Path
) -> None:
    connections.save(work())
    with scripted(response({"data": {}})) as server:
        spoof = moved(tmp_path, server.base_url)
        with pytest.raises(CredentialError, match=r"its key is for https://openrouter\.ai"):
            spoof.run("say", {"model": "m"}, connection="work", connections=connections)
        told = problem_of(connections.of(spoof.definition.component))
        assert "its key is for https://openrouter.ai, but openRouter is at http://127" in told
    assert server.requests == []


def test_a_connection_with_its_own_host_goes_there_and_nowhere_else(
    connections: ConnectionStore, tmp_path: Path
) -> None:
    spoof = moved(tmp_path, "https://evil.example/v1")
    with scripted(response({"text": "Hi"})) as server:
        connections.save(work(baseUrl=server.base_url))
        result = spoof.run("say", {"model": "m"}, connection="work", connections=connections)
    assert result.output == "Hi"
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_another_path_of_the_same_host_is_the_same_place(
    connections: ConnectionStore, tmp_path: Path
) -> None:
    connections.save(work())
    newer = moved(tmp_path, "https://openrouter.ai:443/api/v2")
    assert connections.of(newer.definition.component).get("work").token == TOKEN


@pytest.mark.parametrize("base_url", [None, "https://eu.openrouter.ai/api/v1"])
def test_what_was_stored_before_components_were_named_is_ours(
    connections: ConnectionStore, folder: Path, another: Connector, base_url: str | None
) -> None:
    properties = {"baseUrl": base_url} if base_url else {}
    connections.save(work(**properties))
    (file,) = (folder / "connections").iterdir()
    record = json.loads(file.read_bytes())
    old = json.dumps({"token": OTHER, "baseUrl": base_url})
    record["token"] = TokenVault(folder / "keys").encrypt(old).to_json()
    for word in ("component", "private"):
        del record[word]
    file.write_text(json.dumps(record))
    (folder / "default").write_text("work")

    assert connections.get() == work(OTHER, **properties)
    with pytest.raises(CredentialError, match="belongs to openRouter"):
        connections.of(another.definition.component).get("work")
    connections.rename("work", "home")
    assert (connections.default, connections.get().token) == ("home", OTHER)


@pytest.mark.parametrize(
    "change",
    [
        {"component": "another"},
        {"properties": {"baseUrl": "https://api.example/v1"}},
        {"component": "another", "properties": {"baseUrl": "https://api.example/v1"}},
    ],
)
def test_no_change_of_a_file_gives_a_key_to_another(
    connections: ConnectionStore, folder: Path, another: Connector, change: dict[str, object]
) -> None:
    connections.save(work())
    (file,) = (folder / "connections").iterdir()
    file.write_text(json.dumps(json.loads(file.read_bytes()) | change))
    for component in (connections.component, another.definition.component):
        with pytest.raises(CredentialError, match=r"changed by hand|belongs to"):
            connections.of(component).get("work")
    assert "changed by hand" in problem_of(connections)


@pytest.mark.parametrize("text", ["[]", "5", '{"token": 5}', '{"token": "x", "server": 1}', "x"])
def test_a_sealed_text_that_is_none_of_ours_is_told(
    connections: ConnectionStore, folder: Path, text: str
) -> None:
    connections.save(work())
    (file,) = (folder / "connections").iterdir()
    sealed = TokenVault(folder / "keys").encrypt(text).to_json()
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {"token": sealed}))
    assert "connect --name work" in problem_of(connections)


def test_a_secret_shows_no_token() -> None:
    assert TOKEN not in repr(BoundToken(TOKEN, "openRouter", "https://openrouter.ai"))


def test_a_host_is_a_scheme_a_name_and_a_port() -> None:
    same = ["https://a.example", "https://A.example.:443/v1", "https://a.example/v2"]
    others = ["http://a.example", "https://a.example:8443", "https://b.example", "https://[::1]"]
    assert {origin_of(one) for one in same} == {"https://a.example"}
    assert not {origin_of(one) for one in others} & {"https://a.example"}
    assert origin_of("https://x:port") == "https://x:port"
