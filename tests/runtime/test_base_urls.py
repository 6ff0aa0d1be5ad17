"""Base URLs that cannot be right: told in the place where they stand, before anything is sent."""

from __future__ import annotations

import asyncio

import pytest

from openrouter_connector import ConnectOptions, Connector, InputError
from openrouter_connector.runtime.preflight.check import Check
from support.scripted_server import Ask, completion, response, scripted

HELLO = {"model": "a/b", "prompt": "Hello"}
ENDPOINTS = {
    "/v1/chat/completions": "/chat/completions",
    "/v1/chat/completions/": "/chat/completions",
    "/v1/completions": "/completions",
    "/api/v1/models": "/models",
}


def told(caught: pytest.ExceptionInfo[InputError]) -> dict[str, str]:
    return {problem.path: problem.message for problem in caught.value.problems}


@pytest.mark.parametrize(("path", "cut"), ENDPOINTS.items())
@pytest.mark.parametrize("connected", [True, False])
def test_a_base_url_that_is_an_endpoint_tells_what_to_cut(
    connector: Connector, path: str, cut: str, connected: bool
) -> None:
    with scripted(response(completion())) as server, pytest.raises(InputError) as caught:
        place = f"http://127.0.0.1:{server.port}{path}"
        options: ConnectOptions = {"base_url": server.base_url} if connected else {}
        connector.run("prompt", {**HELLO, "baseUrl": place}, **options)
    assert told(caught) == {
        "baseUrl": f"is an endpoint, not a base URL; remove {cut} and what follows"
    }
    assert server.requests == []


def test_the_models_of_an_endpoint_are_not_requested(connector: Connector) -> None:
    async def listed(place: str) -> None:
        async with connector.connect(base_url=place) as session:
            await session.options("prompt", "model", {"baseUrl": f"{place}/chat/completions"})

    with scripted(response({"data": []})) as server, pytest.raises(InputError) as caught:
        asyncio.run(listed(server.base_url))
    assert list(told(caught)) == ["baseUrl"]
    assert server.requests == []


@pytest.mark.parametrize("path", ENDPOINTS)
def test_the_server_of_a_session_is_no_endpoint_either(ask: Ask, path: str) -> None:
    with pytest.raises(InputError, match="base URL: is an endpoint"):
        ask(f"http://127.0.0.1:9{path}")


@pytest.mark.parametrize("path", ["/v1/", "", "/models", "/completions/v1", "/my-models"])
def test_other_paths_are_good(connector: Connector, path: str) -> None:
    with scripted(response(completion("Hi"))) as server:
        place = f"http://127.0.0.1:{server.port}{path}"
        assert connector.run("prompt", {**HELLO, "baseUrl": place}).output["output"] == "Hi"
    assert server.requests[0].path == f"{path.rstrip('/')}/chat/completions"


@pytest.mark.parametrize(
    "place",
    ["nonsense", "localhost:8000/v1", "ftp://a.example/v1", "http://", "http://127.0.0.1:99999/v1"],
)
@pytest.mark.parametrize("connected", [True, False])
def test_an_invalid_address_is_reported_in_its_place(
    connector: Connector, place: str, connected: bool
) -> None:
    options: ConnectOptions = {"base_url": "http://127.0.0.1:9/v1"} if connected else {}
    with pytest.raises(InputError) as caught:
        connector.run("prompt", {**HELLO, "baseUrl": place}, **options)
    assert list(told(caught)) == ["baseUrl"]


def test_all_that_is_wrong_is_reported_with_the_address(connector: Connector) -> None:
    with pytest.raises(InputError) as caught:
        connector.run("prompt", {"prompt": "Hello", "baseUrl": "nonsense", "temperature": 3})
    assert list(told(caught)) == ["baseUrl", "model", "temperature"]


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("nonsense", "is not a URL such as"),
        ("http://127.0.0.1:port/v1", "is not a URL such as"),
        ("http://a b/v1", "is not a URL such as"),
        ("http://[::1/v1", "is not a URL such as"),
        ("http://me:secret@127.0.0.1/v1", "holds a user or a password"),
        ("http://127.0.0.1/v1?version=1", "must end with its path"),
    ],
)
def test_the_server_of_a_session_has_an_address(ask: Ask, place: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as caught:
        ask(place)
    assert list(told(caught)) == ["base URL"]
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("checked", [True, False])
def test_a_user_and_a_password_in_a_base_url_are_refused_and_not_repeated(
    connector: Connector, checked: bool
) -> None:
    given = {**HELLO, "baseUrl": "https://anna:Geheim99@example.com/v1"}
    if checked:
        found = {one.path: one.message for one in connector.check("prompt", given).problems}
    else:
        with pytest.raises(InputError) as caught:
            connector.run("prompt", given)
        found = told(caught)
    assert found == {"baseUrl": "holds a user or a password; give a token instead"}


def test_a_check_tells_that_a_base_url_is_an_endpoint(connector: Connector) -> None:
    given = {**HELLO, "baseUrl": "https://example.com/v1/chat/completions"}
    (problem,) = connector.check("prompt", given).problems
    assert (problem.path, problem.message[:14]) == ("baseUrl", "is an endpoint")


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("https://example.com/v1?", "must end with its path"),
        ("https://example.com/v1#", "must end with its path"),
        ("https://xn--/v1", "is not a URL"),
        ("http://example.com/v1", "would carry the token unencrypted"),
        ("http://127.0.0.1:9/v1", "this machine or in a private network"),
    ],
)
def test_a_check_tells_of_a_server_what_a_run_would(
    connector: Connector, place: str, told: str
) -> None:
    given = {**HELLO, "baseUrl": place, "apiKey": "a-key-of-it"}

    async def tried() -> tuple[Check, InputError]:
        async with connector.connect("sk-or-v1-x", allow_private=False) as session:
            with pytest.raises(InputError) as caught:
                await session.perform("prompt", given)
            return await session.check("prompt", given), caught.value

    check, refused = asyncio.run(tried())
    (problem,) = check.problems
    assert (problem.path, told in problem.message) == ("baseUrl", True)
    assert [problem] == list(refused.problems)
