"""Servers that parameters name: reached with their own key, and only where that is allowed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from openrouter_connector import Connector, InputError
from support.canary import ANSWERS, CANARY
from support.scripted_server import completion, response, scripted

HELLO = {"model": "a/b", "prompt": "Hello"}


def test_no_connection_is_needed_where_parameters_name_a_server(connector: Connector) -> None:
    with scripted(response(completion("Hi"))) as server:
        result = connector.run("prompt", {**HELLO, "baseUrl": server.base_url})
        assert result.output == {"output": "Hi", "errorStatus": None}
        assert "authorization" not in server.requests[0].headers


def test_the_key_and_headers_of_the_connection_stay_with_it(connector: Connector) -> None:
    with (
        scripted(response(completion())) as own,
        scripted(response(completion())) as other,
    ):
        connector.run(
            "prompt",
            {**HELLO, "baseUrl": other.base_url},
            CANARY,
            base_url=own.base_url,
            headers={"X-Mine": "secret"},
        )
        assert own.requests == []
        assert CANARY not in str(other.requests)
        assert "x-mine" not in other.requests[0].headers


def test_a_refusal_without_a_key_asks_for_the_key_of_that_server(connector: Connector) -> None:
    refused = response({"error": {"message": "Unauthorized"}}, 401)
    with scripted(refused) as server:
        result = connector.run("prompt", {**HELLO, "baseUrl": server.base_url})
    hint = "Check the token: none was given, and this server seems to require an API key."
    assert result.output["errorStatus"] == f"Unauthorized. {hint}"


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_key_that_parameters_give_is_in_no_result(connector: Connector, answer: Any) -> None:
    given = {**HELLO, "apiKey": CANARY}
    with scripted(answer) as server:
        result = asyncio.run(_reported(connector, given | {"baseUrl": server.base_url}))
        assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    assert CANARY not in str(result.to_json())


async def _reported(connector: Connector, given: Any) -> Any:
    from openrouter_connector import Timeouts

    times = Timeouts(idle=0.3)
    async with connector.connect(base_url="http://127.0.0.1:9", timeouts=times, attempts=1) as open:
        return await open.perform("prompt", given)


@pytest.mark.parametrize("key", [f"{CANARY}\r\nX-Evil: 1", f"{CANARY} {CANARY}", f"é{CANARY}"])
def test_a_key_that_no_header_can_hold_is_not_shown(connector: Connector, key: str) -> None:
    result = connector.run("prompt", {**HELLO, "baseUrl": "http://127.0.0.1:9/v1", "apiKey": key})
    assert "invalid characters" in result.output["errorStatus"]
    assert CANARY not in str(result.to_json())


def test_a_wrong_key_is_not_shown_by_what_is_wrong_with_it(connector: Connector) -> None:
    given = {**HELLO, "baseUrl": "http://127.0.0.1:9/v1", "apiKey": [CANARY]}
    with pytest.raises(InputError) as caught:
        connector.run("prompt", given)
    assert "apiKey" in str(caught.value)
    assert CANARY not in str(caught.value.to_json())
    assert CANARY not in str(connector.check("prompt", given).to_json())
    assert CANARY not in str(connector.form("prompt", given).errors)


@pytest.mark.parametrize("value", [5, 0, 1.5, True, False, ["x"], [], {"x": 1}, {}], ids=repr)
@pytest.mark.parametrize("name", ["baseUrl", "apiKey"])
def test_a_server_and_a_key_that_are_no_texts_are_reported_everywhere(
    connector: Connector, name: str, value: Any
) -> None:
    with scripted(response(completion())) as server:
        given = {**HELLO, "baseUrl": server.base_url, name: value}
        told = asyncio.run(_told(connector, given))
    assert told == [(name, "must be text, not " + told[0][1].partition(", not ")[2])] * 4
    assert server.requests == []
    with pytest.raises(InputError, match=f"{name}: must be text"):
        connector.run("prompt", given)


async def _told(connector: Connector, given: Any) -> list[tuple[str, str]]:
    """Give what is wrong as perform, options, check and form tell it."""
    async with connector.connect(base_url="http://127.0.0.1:9/v1") as session:
        found = [*(await session.check("prompt", given)).problems]
        found += (await session.form("prompt", given)).errors
        for task in (session.perform("prompt", given), session.options("prompt", "model", given)):
            with pytest.raises(InputError) as caught:
                await task
            found += caught.value.problems
    return [(one.path, one.message) for one in found]


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:{}/v1",
        "http://localhost:{}/v1",
        "http://[::ffff:127.0.0.1]:{}/v1",
        "http://2130706433:{}/v1",
        "http://0.0.0.0:{}/v1",
        "http://10.0.0.1:{}/v1",
        "http://169.254.169.254:{}/latest",
    ],
)
def test_private_addresses_can_be_kept_out(connector: Connector, place: str) -> None:
    async def tried(base_url: str) -> None:
        async with connector.connect(base_url=base_url, allow_private=False) as session:
            found = {**HELLO, "baseUrl": place.format(base_url.split(":")[2].split("/")[0])}
            await session.perform("prompt", found)

    with scripted(response(completion())) as server:
        with pytest.raises(InputError, match="private network"):
            asyncio.run(tried(server.base_url))
        assert server.requests == []


@pytest.mark.parametrize(
    "place", ["ftp://a.example/v1", "localhost:8000", "http://", "http://u:p@h/v1"]
)
def test_an_invalid_address_is_reported(connector: Connector, place: str) -> None:
    with pytest.raises(InputError):
        connector.run("prompt", {**HELLO, "baseUrl": place})


def test_a_key_is_in_no_exported_action(capsys: pytest.CaptureFixture[str]) -> None:
    from openrouter_connector.faces.cli import main

    given = ["-p", "model=a/b", "-p", "prompt=Hi", "-p", "baseUrl=http://a.example/v1"]
    assert main(["export", "action", "prompt", *given, "-p", f"apiKey={CANARY}"]) == 0
    out = capsys.readouterr().out
    assert "a.example" in out
    assert CANARY not in out
    assert "apiKey" not in out


def test_servers_are_kept_open_and_closed_with_the_session(connector: Connector) -> None:
    async def asked(base_url: str) -> None:
        async with connector.connect(base_url="http://127.0.0.1:9") as session:
            for _ in range(3):
                await session.perform("prompt", {**HELLO, "baseUrl": base_url})

    with scripted(response(completion())) as server:
        asyncio.run(asked(server.base_url))
        assert len(server.requests) == 3
        assert server.connections == 1


def test_many_servers_do_not_pile_up(connector: Connector) -> None:
    from openrouter_connector.runtime.endpoints import MOST

    async def asked(base_url: str) -> int:
        async with connector.connect(base_url="http://127.0.0.1:9") as session:
            for number in range(MOST + 5):
                given = {**HELLO, "baseUrl": base_url, "apiKey": f"key-{number}"}
                await session.perform("prompt", given)
            return len(session._in_use.servers._pool)

    with scripted(response(completion())) as server:
        assert asyncio.run(asked(server.base_url)) == MOST
