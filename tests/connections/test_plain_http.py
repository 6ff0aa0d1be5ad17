"""A key goes over plain http to a private network if its connection allows it, and nowhere else."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from openrouter_connector import Connector, InputError
from openrouter_connector.connections.store import ConnectionStore
from support.command import Command
from support.dns import looked_up
from support.scripted_server import Scripted, completion, response, scripted
from support.stored_connections import TOKEN, work

ASK = {"model": "a/b", "userPrompt": "Hello"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """A server that is called `litellm` in its network."""
    looked_up(monkeypatch, {"litellm": "127.0.0.1", "public": "93.184.215.14"})
    with scripted(response(completion("Hi") | {"data": {"label": "mine"}})) as running:
        yield running


def place(server: Scripted, host: str = "litellm") -> str:
    return f"http://{host}:{server.port}/v1"


def test_a_connection_that_allows_it_sends_its_key_and_warns(
    connector: Connector,
    connections: ConnectionStore,
    server: Scripted,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(InputError, match=r"would carry the token unencrypted.*allowHttp"):
        connections.save(work(baseUrl=place(server)))
    connections.save(work(baseUrl=place(server), allowHttp=True))
    with caplog.at_level(logging.WARNING):
        result = connector.run("ask", ASK, connection="work", connections=connections)
    assert result.output == "Hi"
    assert server.requests[-1].headers["authorization"] == f"Bearer {TOKEN}"
    assert f"the token goes to {place(server)} unencrypted" in caplog.text
    assert TOKEN not in caplog.text


def test_a_public_name_gets_no_key_over_http_whatever_is_allowed(
    connector: Connector, connections: ConnectionStore, server: Scripted
) -> None:
    connections.save(work(baseUrl=place(server, "public"), allowHttp=True))
    with pytest.raises(InputError, match="public is a public address"):
        connector.run("ask", ASK, connection="work", connections=connections)
    assert server.requests == []


@pytest.mark.parametrize("host", ["93.184.215.14", "134744072", "[2606:4700::1]"])
def test_a_public_address_is_refused_before_it_is_stored(
    connections: ConnectionStore, host: str
) -> None:
    with pytest.raises(InputError, match="never goes unencrypted"):
        connections.save(work(baseUrl=f"http://{host}/v1", allowHttp=True))


@pytest.mark.parametrize("host", ["192.168.1.20", "10.1.2.3", "[fd00::1]", "litellm", "a.svc"])
def test_a_private_address_or_a_name_is_stored(connections: ConnectionStore, host: str) -> None:
    connections.save(work(baseUrl=f"http://{host}:4000/v1", allowHttp=True))
    assert connections.get().allow_http


def test_it_is_off_unless_it_is_true(connections: ConnectionStore) -> None:
    unset: list[Any] = [False, None, "", []]
    for value in unset:
        with pytest.raises(InputError, match="would carry the token unencrypted"):
            connections.save(work(baseUrl="http://192.168.1.20/v1", allowHttp=value))
    with pytest.raises(InputError, match="allowHttp: must be true or false"):
        connections.save(work(baseUrl="http://192.168.1.20/v1", allowHttp="true"))


@pytest.mark.parametrize("words", [("--allow-http",), ()])
def test_a_key_of_the_environment_goes_there_by_an_option(
    command: Command, server: Scripted, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-1234")
    ask = ("run", "ask", "-p", "model=a/b", "-p", "userPrompt=Hello", "--base-url", place(server))

    ended = command(*ask, *words)

    assert (ended.code, len(server.requests)) == ((0, 1) if words else (2, 0))
    assert words or "--allow-http" in ended.err


def test_the_wizard_stores_it(
    command: Command, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-1234"))
    wizard = ("connect", "--token-stdin", "--name", "lan", "--base-url", place(server))
    assert command(*wizard).code == 3
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-1234"))

    ended = command(*wizard, "--allow-http", "--json")

    assert (ended.code, ended.json["connection"]["allowHttp"]) == (0, True)
    assert command("connections", "test", "lan").code == 0
    assert ConnectionStore().get("lan").allow_http
