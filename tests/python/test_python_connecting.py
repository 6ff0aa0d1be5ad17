"""Where a session goes that names no server: the environment, then the default connection."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from openrouter_connector import (
    ConnectOptions,
    Connector,
    CredentialError,
    InputError,
    Result,
    Runs,
)
from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.flows.runs import StartOptions
from openrouter_connector.sandbox import Sandbox

HELLO = {"model": "sandbox/echo", "userPrompt": "Hi"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    monkeypatch.delenv("OPENROUTER_BASE_URL", raising=False)


@pytest.fixture
def in_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
    monkeypatch.setenv("OPENROUTER_BASE_URL", sandbox.base_url)


@pytest.fixture
def by_default(sandbox: Sandbox) -> None:
    """The user's default connection leads to the sandbox."""
    kept = StoredConnection("work", sandbox.token, {"baseUrl": sandbox.base_url})
    ConnectionStore().save(kept, default=True)


@pytest.mark.usefixtures("in_environment")
def test_the_key_of_the_environment_is_used(connector: Connector) -> None:
    assert connector.run("ask", HELLO).text.endswith("Hi")


@pytest.mark.usefixtures("by_default")
def test_the_default_connection_is_used_without_a_key_in_the_environment(
    connector: Connector,
) -> None:
    async def run() -> tuple[Result, str | None]:
        async with connector.connect() as session:
            return await session.perform("ask", HELLO), session.connection

    result, connection = asyncio.run(run())
    assert result.text.endswith("Hi") and connection == "work"


@pytest.mark.usefixtures("by_default")
def test_the_environment_comes_before_the_default_connection(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-nobody")
    monkeypatch.setenv("OPENROUTER_BASE_URL", "http://127.0.0.1:9/v1")

    async def run() -> tuple[str, str | None]:
        async with connector.connect() as session:
            return session.server, session.connection

    assert asyncio.run(run()) == ("http://127.0.0.1:9/v1", None)


@pytest.mark.usefixtures("by_default")
def test_a_base_url_alone_gets_no_key_of_elsewhere(
    connector: Connector, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
    with pytest.raises(CredentialError):
        connector.run("ask", HELLO, base_url=sandbox.base_url)
    assert "authorization" not in sandbox.requests[-1].headers


def test_without_any_key_the_error_names_all_ways(connector: Connector) -> None:
    with pytest.raises(CredentialError) as caught:
        connector.run("ask", HELLO)
    assert caught.value.message == (
        "no API key for OpenRouter. To connect, pass `token`, set OPENROUTER_API_KEY, store a "
        "connection with `openrouter-connector connect`, or use the sandbox, which needs no key "
        "(`sandbox=True`)."
    )


def test_a_wrong_address_in_the_environment_is_named(
    connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_BASE_URL", "nonsense")
    with pytest.raises(InputError, match="OPENROUTER_BASE_URL"):
        connector.run("ask", HELLO)


def test_the_options_of_a_call_have_a_type() -> None:
    connect, start = (inspect.signature(one) for one in (Connector.connect, Runs.start))
    assert {"self", "token", *ConnectOptions.__annotations__} == set(connect.parameters)
    assert {"self", "flow", "inputs", *StartOptions.__annotations__} == set(start.parameters)
