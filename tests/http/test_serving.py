"""The server itself: public pages, headers for browsers, and request ids."""

from __future__ import annotations

import json
import logging

import pytest

from openrouter_connector import Connector
from openrouter_connector.faces.http.sessions import StartupConnection
from support.http_face import ASK, TOKEN, Serve, Served
from support.scripted_server import completion, response, scripted

CAREFUL = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


def test_health_needs_no_token_and_shows_no_secret(played: Served) -> None:
    result = played.client().get("/api/health")

    assert result.status_code == 200
    assert set(result.json()) == {"status", "version"}


def test_the_first_page_says_what_this_is_and_loads_nothing(played: Served) -> None:
    page = played.client().get("/")

    assert "/api/openapi.json" in page.text
    assert "src=" not in page.text
    assert "You are not logged in" in page.text
    assert "You are not logged in" not in played.api.get("/").text


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/component", "/nowhere"])
def test_every_response_has_security_headers(played: Served, path: str) -> None:
    headers = played.api.get(path).headers

    assert {name: headers[name] for name in CAREFUL} == CAREFUL
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_canvas_gets_what_it_needs_and_no_more(played: Served) -> None:
    component = played.api.get("/api/component").json()
    ask, *_ = component["actions"]
    properties = {prop["name"]: prop for prop in ask["properties"]}

    assert component["connection"]["oauth"] is True
    assert (ask["type"], ask["streams"], ask["icon"]) == ("openRouter/v1/ask", True, "ask.svg")
    assert ask["defaults"]["format"] == "SIMPLE"
    assert properties["model"]["controlType"] == "SELECT"
    assert properties["model"]["optionsDataSource"]["optionsLookupDependsOn"] == [
        "supportedParameters"
    ]
    filters = properties["model"]["optionsDataSource"]["filters"]
    assert "free" in [one["name"] for one in filters]
    for action in component["actions"]:
        del action["outputSchema"]  # there the names are the API's own
    result = json.dumps(component)
    assert not [
        word for word in ("send", "hook", "facts", "request", "limits") if f'"{word}":' in result
    ]


def test_an_icon_is_an_svg(played: Served) -> None:
    icon = played.api.get("/api/icons/ask.svg")

    assert (icon.headers["content-type"], icon.text[:4]) == ("image/svg+xml", "<svg")
    assert played.api.get("/api/icons/..%2Fopenrouter.svg").status_code == 404
    assert played.api.get("/api/icons/nothing.svg").status_code == 404


def test_a_request_id_comes_back(played: Served) -> None:
    result = played.api.get("/api/nothing", headers={"X-Request-Id": "mine-1"})

    assert result.headers["x-request-id"] == result.json()["instance"] == "mine-1"


@pytest.mark.parametrize("given", [b"a b", b"x" * 65, b'x"y', "ü".encode()])
def test_an_odd_request_id_is_replaced(played: Served, given: bytes) -> None:
    result = played.api.get("/api/nothing", headers=[(b"X-Request-Id", given)])

    assert len(result.headers["x-request-id"]) == 16


def test_an_unknown_path_and_method_are_problems(played: Served) -> None:
    nowhere, wrong = played.api.get("/api/nothing"), played.api.put("/api/connections")

    assert nowhere.headers["content-type"] == "application/problem+json"
    assert (nowhere.status_code, nowhere.json()["title"]) == (404, "Not Found")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")


def test_an_unexpected_error_is_reported_without_details(
    serve: Serve, connector: Connector, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Connector(connector.definition)
    del broken.lists  # as if a part of it had a fault
    served = serve(
        connector=broken,
        startup={"there": StartupConnection("sk-or-v1-canary-canary", "http://127.0.0.1:9")},
    )

    with caplog.at_level(logging.ERROR, "openrouter_connector.http"):
        result = served.perform("ask", {**ASK, "userPrompt": "canary"})

    assert result.status_code == 500
    assert result.json()["detail"] == "Internal error"
    assert "AttributeError in request" in caplog.text
    assert "canary" not in caplog.text + result.text


def test_the_budget_is_that_of_the_server(serve: Serve) -> None:
    with scripted(response(completion("Hello"))) as upstream:
        given = {
            "a": StartupConnection(TOKEN, upstream.base_url),
            "b": StartupConnection(TOKEN, upstream.base_url),
        }
        served = serve(startup=given, budget=0.6)
        answers = [
            served.perform("ask", ASK, connection=name).status_code for name in ("a", "b", "a")
        ]

    assert answers == [200, 200, 402]
    assert len([one for one in upstream.requests if one.method == "POST"]) == 2
