"""OAuth consent as at OpenRouter, and the test keys."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox
from openrouter_connector.sandbox.access import REFUSED_KEYS, TEST_KEYS
from support.browser import code_in, decide, title_of
from support.openapi import needs_document, reply_schema, validate

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
S256 = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
PLAIN = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
WORDS = Path(__file__).parents[2] / "docs" / "sandbox.md"
USER = {"messages": [{"role": "user", "content": "Hello"}]}


def page(served: Sandbox, **params: str) -> str:
    """Return the URL of the consent page."""
    origin = served.base_url.removesuffix("/api/v1")
    return str(httpx.URL(f"{origin}/auth", params=params))


def exchanged(served: Sandbox, **body: Any) -> httpx.Response:
    return httpx.post(f"{served.base_url}/auth/keys", json=body)


def exchange(served: Sandbox, code: str, /, **body: Any) -> httpx.Response:
    return exchanged(
        served, **{"code": code, "code_verifier": VERIFIER, "code_challenge_method": "S256"} | body
    )


def submit_decision(served: Sandbox, decision: str, **params: str) -> httpx.Response:
    """Press a button, without following the redirect."""
    return httpx.post(page(served, **params), data={"decision": decision})


def test_the_page_names_the_app_its_request_and_the_sandbox(served: Sandbox) -> None:
    params = page(served, callback_url="https://example.com/back", limit="12.5", key_label="<b>x")

    shown = httpx.get(params)

    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert "This is a sandbox" in shown.text
    assert "example.com" in shown.text
    assert "$12.50" in shown.text
    assert "&lt;b&gt;x" in shown.text
    assert "src=" not in shown.text


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "code_challenge is required"),
        ({"callback_url": "http://example.com/"}, "callback_url must be https"),
        ({"callback_url": "http://localhost.example.com/"}, "callback_url must be https"),
        ({"callback_url": "http://127.0.0.1:x/"}, "callback_url must be https"),
        ({"callback_url": "javascript:alert(1)"}, "callback_url must be https"),
        (S256 | {"code_challenge_method": "S512"}, "must be S256 or plain"),
        (S256 | {"limit": "nan"}, "limit must be"),
        (S256 | {"limit": "much"}, "limit must be"),
        (S256 | {"key_label": "x" * 101}, "key_label must be"),
    ],
)
def test_a_wrong_request_for_consent_is_shown_without_a_redirect(
    served: Sandbox, params: dict[str, str], expected: str
) -> None:
    for response in (httpx.get(page(served, **params)), submit_decision(served, "allow", **params)):
        assert response.status_code == 400
        assert expected in response.text


@pytest.mark.parametrize("host", ["https://example.com", "http://localhost:1", "http://127.0.0.1"])
def test_allow_redirects_with_a_code_and_keeps_the_query(served: Sandbox, host: str) -> None:
    response = submit_decision(served, "allow", callback_url=f"{host}/back?a=b%20c", **S256)

    back = urlsplit(response.headers["location"])
    assert response.status_code == 303
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{host}/back"
    query = parse_qs(back.query)
    assert query.keys() == {"a", "code"}
    assert query["a"] == ["b c"]
    assert exchange(served, query["code"][0]).status_code == 200


def test_deny_redirects_without_a_code(served: Sandbox) -> None:
    response = submit_decision(served, "deny", callback_url="https://example.com/back", **S256)
    assert response.headers["location"] == "https://example.com/back?error=access_denied"
    assert title_of(submit_decision(served, "deny", **S256)) == "Denied"


@pytest.mark.parametrize(
    ("params", "body"),
    [
        pytest.param(S256, {}, id="S256"),
        pytest.param(PLAIN, {"code_challenge_method": "plain"}, id="plain"),
    ],
)
def test_a_code_is_exchanged_once(
    served: Sandbox, params: dict[str, str], body: dict[str, Any]
) -> None:
    code = code_in(decide(page(served, **params)))

    first, second = (exchange(served, code, **body) for _ in range(2))

    assert first.json()["key"].startswith("sk-or-v1-sandbox")
    assert first.json().keys() == {"key", "user_id"}
    assert second.status_code == 403
    assert second.json()["error"]["message"] == "Invalid code or code_verifier"


def test_without_a_challenge_the_code_is_enough(served: Sandbox) -> None:
    response = submit_decision(served, "allow", callback_url="https://example.com/")
    code = parse_qs(urlsplit(response.headers["location"]).query)["code"][0]
    assert exchanged(served, code=code).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"code_verifier": "x" * 43}, 403, "Invalid code or code_verifier"),
        ({"code_verifier": None}, 403, "Invalid code or code_verifier"),
        ({"code": "auth_code_unknown"}, 403, "Invalid code or code_verifier"),
        ({"code_challenge_method": "plain"}, 400, "Invalid code_challenge_method"),
        ({"code_challenge_method": None}, 400, "Invalid code_challenge_method"),
        ({"code_challenge_method": "S512"}, 400, "code_challenge_method: Invalid input"),
        ({"code": 7}, 400, "code: Invalid input"),
        ({"code_verifier": 7}, 400, "code_verifier: Invalid input"),
    ],
)
def test_a_wrong_exchange_is_refused_and_keeps_the_code(
    served: Sandbox, body: dict[str, Any], status: int, message: str
) -> None:
    code = code_in(decide(page(served, **S256)))

    refused = exchange(served, code, **body)

    assert refused.status_code == status
    assert refused.json()["error"]["message"].startswith(message)
    assert exchange(served, code).status_code == 200


def test_an_expired_code_is_refused(served: Sandbox) -> None:
    refused = exchange(served, code_in(decide(page(served, **S256), "expired")))
    assert refused.status_code == 403
    assert refused.json()["error"]["message"] == "Authorization code expired"


def test_the_exchange_is_a_post_that_needs_no_key(served: Sandbox) -> None:
    response = httpx.get(f"{served.base_url}/auth/keys")
    assert (response.status_code, response.json()["error"]["message"]) == (
        405,
        "Method not allowed",
    )


def test_the_key_honours_its_limit_and_label(served: Sandbox) -> None:
    code = code_in(decide(page(served, limit="0.0000001", key_label="small", **S256)))
    headers = {"Authorization": f"Bearer {exchange(served, code).json()['key']}"}
    with httpx.Client(base_url=served.base_url, headers=headers) as client:
        before = client.get("/key").json()["data"]
        first, second = (
            client.post("/chat/completions", json={"model": "sandbox/thinker", **USER})
            for _ in range(2)
        )
        after = client.get("/key").json()["data"]

    assert (before["label"], before["limit"], before["usage"]) == ("small", 1e-7, 0)
    assert (first.status_code, second.status_code) == (200, 402)
    assert after["usage"] == round(first.json()["usage"]["cost"], 10)
    assert after["limit_remaining"] == 0


def test_the_cost_of_a_stream_counts_for_the_key(served: Sandbox) -> None:
    key = exchange(served, code_in(decide(page(served, **S256)))).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    body = {"model": "sandbox/thinker", "stream": True, **USER}
    httpx.post(f"{served.base_url}/chat/completions", headers=headers, json=body)
    data = httpx.get(f"{served.base_url}/key", headers=headers).json()["data"]
    assert data["usage"] > 0
    assert data["limit"] is None


STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    3.5,
    "",
    "strange",
    "\ud800",
    [],
    [{}],
    {},
    "0001-01-01T00:00:00",
)


@pytest.mark.parametrize("strange", STRANGE, ids=repr)
def test_strange_values_break_nothing(served: Sandbox, client: httpx.Client, strange: Any) -> None:
    good = {
        "callback_url": "https://example.com/",
        "limit": 5,
        "expires_at": None,
        "key_label": "x",
    }
    for name in (*good, *S256):
        body = json.dumps(good | S256 | {name: strange})
        assert client.post("/auth/keys/code", content=body).status_code in (200, 400)
    code = code_in(decide(page(served, **S256)))
    for name in ("code_verifier", "code_challenge_method", "code"):
        body = json.dumps({"code": code, "code_verifier": "x", name: strange})
        response = httpx.post(f"{served.base_url}/auth/keys", content=body)
        assert response.status_code in (400, 403)
    assert (
        httpx.post(f"{served.base_url}/auth/keys", content=json.dumps(strange)).status_code == 400
    )


def test_a_key_can_create_a_code_for_another_key(served: Sandbox, client: httpx.Client) -> None:
    params = {"callback_url": "https://example.com/", "limit": 5, **S256}

    response = client.post("/auth/keys/code", json=params | {"expires_at": "2020-01-01T00:00:00Z"})

    key = exchange(served, response.json()["data"]["id"]).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    data = httpx.get(f"{served.base_url}/key", headers=headers).json()["data"]
    call = httpx.post(f"{served.base_url}/chat/completions", headers=headers, json=USER)
    assert (data["limit"], data["expires_at"]) == (5, "2020-01-01T00:00:00+00:00")
    assert call.status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"callback_url": None},
        {"callback_url": "http://example.com"},
        {"expires_at": "soon"},
        {"limit": -1},
    ],
)
def test_a_wrong_request_for_a_code_is_refused(client: httpx.Client, wrong: dict[str, Any]) -> None:
    response = client.post("/auth/keys/code", json={"callback_url": "https://a.example"} | wrong)
    assert response.status_code == 400


def test_creating_a_code_requires_a_key(served: Sandbox) -> None:
    assert httpx.post(f"{served.base_url}/auth/keys/code", json={}).status_code == 401


@pytest.mark.parametrize(
    ("word", "expected", "call"),
    [
        ("plain", {"limit": 100, "is_free_tier": False}, 200),
        ("management", {"is_management_key": True}, 403),
        ("expired", {"expires_at": "2024-12-31T23:59:59+00:00"}, 401),
        ("spent", {"limit": 10, "limit_remaining": 0, "usage": 10}, 402),
        ("freetier", {"is_free_tier": True, "limit": None}, 200),
        ("unlimited", {"limit": None, "limit_remaining": None}, 200),
        ("disabled", 401, 401),
        ("blocked", 403, 403),
    ],
)
def test_a_word_in_a_key_makes_it_a_test_key(
    served: Sandbox, word: str, expected: dict[str, Any] | int, call: int
) -> None:
    headers = {"Authorization": f"Bearer sk-or-v1-sandbox-{word}-0123456789"}

    key = httpx.get(f"{served.base_url}/key", headers=headers)
    answer = httpx.post(f"{served.base_url}/chat/completions", headers=headers, json=USER)

    if isinstance(expected, int):
        assert key.status_code == expected
    else:
        data = key.json()["data"]
        assert {name: data[name] for name in expected} == expected
    assert answer.status_code == call


@pytest.mark.parametrize("word", [*TEST_KEYS, *REFUSED_KEYS])
def test_every_test_key_is_documented(word: str) -> None:
    assert f"| `{word}` |" in WORDS.read_text("utf-8")


@needs_document
def test_all_of_it_validates_against_the_api_s_own_document(
    served: Sandbox, client: httpx.Client
) -> None:
    code = code_in(decide(page(served, **S256)))
    key = exchange(served, code)
    params = client.post("/auth/keys/code", json={"callback_url": "https://example.com/"})
    validate(key.json(), reply_schema("post", "/auth/keys", 200))
    validate(params.json(), reply_schema("post", "/auth/keys/code", 200))
    for status, body in ((400, {"code": 7}), (403, {"code": "unknown"})):
        validate(exchanged(served, **body).json(), reply_schema("post", "/auth/keys", status))
    for word in TEST_KEYS:
        headers = {"Authorization": f"Bearer sk-or-v1-sandbox-{word}"}
        response = client.get("/key", headers=headers)
        validate(response.json(), reply_schema("get", "/key", 200))
