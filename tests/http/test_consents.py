"""Obtain a key by consent, with the sandbox in OpenRouter's role."""

from __future__ import annotations

from html import unescape
from re import findall
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox
from support.http_face import ASK, Json, Serve, Served


@pytest.fixture
def served(serve: Serve) -> Served:
    """A server whose callers may name servers on this machine, as these tests do."""
    return serve(allow_private=True)


def test_a_browser_gets_a_connection_by_consent_and_never_sees_the_key(
    served: Served, sandbox: Sandbox
) -> None:
    browser = served.browser()
    begun = _begin(browser, sandbox, limit=5, label="Tests")
    assert _status(browser, begun) == "waiting"

    page = browser.get(_callback(begun, "code"), headers={"Sec-Fetch-Site": "cross-site"})
    assert "Connected" in page.text
    assert _status(browser, begun) == "done"
    report = browser.post("/api/connections/test", json={"pkce": begun["state"]}).json()
    assert (report["ok"], report["limit"]) == (True, 5)
    new = {"name": "mine", "pkce": begun["state"]}
    made = browser.post("/api/connections", json=new)

    assert (made.status_code, made.json()["baseUrl"]) == (201, sandbox.base_url)
    assert "sk-or-" not in page.text + made.text
    assert served.perform("ask", ASK).status_code == 200
    assert browser.get(f"/api/connections/pkce/{begun['state']}").status_code == 404


def test_a_program_finishes_with_a_typed_code(served: Served, sandbox: Sandbox) -> None:
    begun = _begin(served.api, sandbox, headless=True)
    assert begun["headless"] is True
    shown = httpx.post(begun["authorizeUrl"], data={"decision": "allow"})
    code = next(word for word in findall(r"[\w-]{16,}", unescape(shown.text)) if _is_code(word))

    response = served.api.post(f"/api/connections/pkce/{begun['state']}", json={"code": code})

    assert response.json() == {"state": begun["state"], "status": "done", "message": None}


def test_a_consent_belongs_to_the_browser_that_began_it(served: Served, sandbox: Sandbox) -> None:
    ours, theirs = served.browser(), served.browser()
    begun = _begin(ours, sandbox)
    place = f"/api/connections/pkce/{begun['state']}"

    for other in (theirs, served.api):
        assert other.get(place).status_code == 404
        assert other.post(place, json={"code": "x"}).status_code == 404
        assert other.delete(place).status_code == 404
        new = {"name": "mine", "pkce": begun["state"]}
        assert other.post("/api/connections", json=new).status_code == 404
    back = _callback(begun, "code")
    for other in (theirs, served.client()):
        assert (response := other.get(back)).status_code == 404
        assert "No consent found" in response.text
    assert "Connected" in ours.get(back).text


def test_a_second_visit_says_how_it_ended(served: Served, sandbox: Sandbox) -> None:
    browser = served.browser()
    back = _callback(_begin(browser, sandbox), "code")

    assert ["Connected" in browser.get(back).text for _ in range(2)] == [True, True]


def test_a_denied_consent_fails(served: Served, sandbox: Sandbox) -> None:
    browser = served.browser()
    begun = _begin(browser, sandbox)
    page = browser.get(_callback(begun, "error", "access_denied"))

    assert "Not connected" in page.text
    assert _status(browser, begun) == "failed"
    response = browser.post("/api/connections", json={"name": "mine", "pkce": begun["state"]})
    assert (response.status_code, response.json()["path"]) == (422, "pkce")


def test_a_wrong_code_is_reported(served: Served, sandbox: Sandbox) -> None:
    begun = _begin(served.api, sandbox)
    place = f"/api/connections/pkce/{begun['state']}"
    page = served.client().get(_callback(begun, "code", "<b>wrong</b>"))

    assert "Not connected" in page.text
    assert "<b>wrong" not in page.text
    response = served.api.post(place, json={"code": "wrong"})
    assert response.status_code in (422, 424)


def test_what_was_never_begun_is_not_found(served: Served) -> None:
    assert served.client().get("/api/connections/pkce/callback/x?code=1").status_code == 404
    assert served.api.get("/api/connections/pkce/x").status_code == 404
    assert served.api.post("/api/connections/pkce/x", json={"code": "1"}).status_code == 404


def test_a_consent_is_cancelled(served: Served, sandbox: Sandbox) -> None:
    begun = _begin(served.api, sandbox)
    place = f"/api/connections/pkce/{begun['state']}"

    assert served.api.delete(place).status_code == 204
    assert served.api.get(place).status_code == 404


def test_a_key_and_a_consent_do_not_go_together(served: Served, sandbox: Sandbox) -> None:
    begun = _begin(served.api, sandbox)
    served.client().get(_callback(begun, "code"))
    for more in ({"token": "x"}, {"baseUrl": "https://evil.example/api/v1"}):
        new = {"name": "mine", "pkce": begun["state"], **more}
        assert served.api.post("/api/connections", json=new).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"limit": -1}, {"label": "a\nb"}, {"baseUrl": "http://example.com/api/v1"}, {"x": 1}]
)
def test_an_invalid_consent_request_is_reported(served: Served, wrong: Json) -> None:
    assert served.api.post("/api/connections/pkce", json=wrong).status_code == 422


def _begin(client: httpx.Client, sandbox: Sandbox, **more: Json) -> Json:
    begun = client.post("/api/connections/pkce", json={"baseUrl": sandbox.base_url, **more})
    assert begun.status_code == 201
    return begun.json()


def _status(client: httpx.Client, begun: Json) -> str:
    return str(client.get(f"/api/connections/pkce/{begun['state']}").json()["status"])


def _callback(begun: Json, name: str, value: str | None = None) -> str:
    """Consent at the sandbox, or send another answer, and return the redirect."""
    if value is None:
        consented = httpx.post(begun["authorizeUrl"], data={"decision": "allow"})
        return str(consented.headers["location"])
    query = parse_qs(urlsplit(begun["authorizeUrl"]).query)
    return str(httpx.URL(query["callback_url"][0]).copy_merge_params({name: value}))


def _is_code(word: str) -> bool:
    return any(letter.isdigit() for letter in word)
