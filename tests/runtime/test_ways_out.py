"""The way out that a refusal names: one at OpenRouter, another at servers that are not."""

from __future__ import annotations

import re

import pytest

from openrouter_connector import ApiError, Connector, ConnectorError
from support.scripted_server import Answer, Ask, response, scripted

NO = {"error": {"message": "No."}}
OPENROUTERS = {
    402: "openrouter.ai/settings/credits",
    403: "guardrail",
    404: "privacy",
    429: "fallback",
}
HELPS = {
    401: r"Check the token: it must be an API key of this server",
    402: r"what is left in the account at this server",
    403: r"Check the token, and what it may do at this server",
    404: r"/models lists.*base URL.*ends in /v1",
    405: r"base URL.*ends in /v1",
    413: r"Send less",
    429: r"Wait and try again\.$",
}


@pytest.mark.parametrize(("status", "helps"), HELPS.items())
def test_another_server_is_not_taken_for_openrouter(ask: Ask, status: int, helps: str) -> None:
    with scripted(response(NO, status)) as server, pytest.raises(ConnectorError) as caught:
        ask(server.base_url, token="key-of-it", attempts=1)
    told = caught.value.message
    assert re.search(rf"^No\. .*{helps}", told), told
    assert not [word for word in OPENROUTERS.values() if word in told]


@pytest.mark.parametrize(("status", "helps"), OPENROUTERS.items())
def test_who_is_given_a_key_of_openrouters_speaks_for_it(ask: Ask, status: int, helps: str) -> None:
    with scripted(response(NO, status)) as server, pytest.raises(ApiError, match=helps):
        ask(server.base_url, token="sk-or-v1-test", attempts=1)


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_is_given_no_key_seems_to_want_one(ask: Ask, status: int) -> None:
    with (
        scripted(response({"detail": "Not authenticated"}, status)) as server,
        pytest.raises(
            ConnectorError, match=r"^Not authenticated\. Check the token: none was given"
        ),
    ):
        ask(server.base_url, token=None)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            response("404 page not found", 404, kind="text/plain"),
            r"^404 page not found\. .*/v1",
        ),
        (
            response("<h1>Not Found</h1>", 404, kind="text/html"),
            r"^the API answered 404\. .*/v1",
        ),
        (response({"detail": "Method Not Allowed"}, 405), r"^Method Not Allowed\. .*/v1"),
        (response(b"", 405), r"^the API answered 405\. .*/v1"),
        (
            response("", 308, headers={"Location": "https://a.example/v1/chat/completions"}),
            r"redirects to https://a\.example/.*check the base URL",
        ),
    ],
)
def test_what_no_api_says_speaks_of_the_base_url(
    connector: Connector, answer: Answer, told: str
) -> None:
    with scripted(answer) as server:
        asked = {"model": "a/b", "prompt": "Hi", "baseUrl": server.base_url}
        result = connector.run("prompt", asked)
    assert re.search(told, result.output["errorStatus"]), result.output


def test_what_another_server_does_not_have_may_be_of_another_kind(connector: Connector) -> None:
    with (
        scripted(response({"detail": "Not Found"}, 404)) as server,
        pytest.raises(ApiError, match=r"^Not Found\. .*not exist on this server"),
    ):
        connector.run("getPreset", {"slug": "mine"}, "key-of-it", base_url=server.base_url)
