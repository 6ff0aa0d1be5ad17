"""A connection that a caller of a server made reaches public addresses only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from openrouter_connector import Connector, InputError
from openrouter_connector.connections import key_check
from openrouter_connector.connections.pkce import Authorizations
from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.runtime.http.public_addresses import private_fault
from support.dns import looked_up
from support.scripted_server import Scripted, completion, response, scripted
from support.stored_connections import TOKEN

ASK = {"model": "a/b", "userPrompt": "Hello"}


@pytest.fixture
def inner(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """A server of the private network, to which a name leads that looks public."""
    looked_up(monkeypatch, {"llm.example": "127.0.0.1", "good.example": "93.184.215.14"})
    with scripted(response(completion("Hi"))) as running:
        yield running


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_means_a_private_address_is_not_reached(
    connector: Connector, connections: ConnectionStore, inner: Scripted, scheme: str
) -> None:
    place = {"baseUrl": f"{scheme}://llm.example:{inner.port}/v1"}
    connections.save(StoredConnection("b", None, place, private=False))
    for action, given in (("ask", ASK), ("listModels", {})):
        with pytest.raises(InputError, match=r"llm\.example is this machine"):
            connector.run(action, given, connection="b", connections=connections)
    report = asyncio.run(_tested(connector, connections))
    assert (report, inner.connections) == ("offline", 0)


async def _tested(connector: Connector, connections: ConnectionStore) -> str:
    async with connector.connect(connection="b", connections=connections) as session:
        return (await session.test()).state


def test_a_literal_is_refused_before_anything_is_opened(
    connector: Connector, connections: ConnectionStore, inner: Scripted
) -> None:
    place = {"baseUrl": inner.base_url}
    connections.save(StoredConnection("b", TOKEN, place, private=False))
    with pytest.raises(InputError, match="this machine or in a private network"):
        connector.run("ask", ASK, connection="b", connections=connections)
    assert inner.connections == 0


def test_a_key_is_tested_at_no_private_server(connector: Connector, inner: Scripted) -> None:
    place = f"https://llm.example:{inner.port}/v1"
    component = connector.definition.component
    report = asyncio.run(key_check.check_key(component, TOKEN, base_url=place, public=True))
    assert (report.ok, inner.connections) == (False, 0)


def test_a_consent_is_exchanged_at_no_private_server(connector: Connector, inner: Scripted) -> None:
    flows = Authorizations(connector.definition.component, allow_private=False)
    begun = flows.begin("me", base_url=f"https://llm.example:{inner.port}/v1")
    with pytest.raises(InputError, match="this machine or in a private network"):
        asyncio.run(flows.finish(begun.state, "code", "me"))
    assert inner.connections == 0


def test_the_page_of_consent_is_at_the_host_that_gets_the_code(connector: Connector) -> None:
    component = connector.definition.component.model_copy(
        update={"base_url": "https://evil.example/v1"}
    )
    assert (
        Authorizations(component).begin("me").authorize_url.startswith("https://evil.example/auth?")
    )


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://llm.example/v1", True),
        ("https://good.example/v1", False),
        ("https://93.184.215.14/v1", False),
        ("https://not..a.name/v1", False),
        ("https://[/v1", False),
        ("nonsense", False),
    ],
)
def test_a_url_of_a_caller_is_judged_by_what_its_name_means(
    inner: Scripted, url: str, private: bool
) -> None:
    assert bool(asyncio.run(private_fault(url))) is private
