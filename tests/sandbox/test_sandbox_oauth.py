"""The sandbox plays OpenRouter's side of a consent, and has keys for rehearsing their test."""

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
from openrouter_connector.sandbox.endpoints.accounts import REFUSED, SCENARIOS
from support.browser import code_in, decide, title_of
from support.openapi import needs_document, reply_schema, validate

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
S256 = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
PLAIN = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
WORDS = Path(__file__).parents[2] / "docs" / "sandbox.md"
USER = {"messages": [{"role": "user", "content": "Hello"}]}


def page(served: Sandbox, **asked: str) -> str:
    """Give the address of the page of consent."""
    origin = served.base_url.removesuffix("/api/v1")
    return str(httpx.URL(f"{origin}/auth", params=asked))


def exchanged(served: Sandbox, **body: Any) -> httpx.Response:
    return httpx.post(f"{served.base_url}/auth/keys", json=body)


def exchange(served: Sandbox, code: str, /, **body: Any) -> httpx.Response:
    return exchanged(
        served, **{"code": code, "code_verifier": VERIFIER, "code_challenge_method": "S256"} | body
    )


def pressed(served: Sandbox, decision: str, **asked: str) -> httpx.Response:
    """Press a button, and stay."""
    return httpx.post(page(served, **asked), data={"decision": decision})


def test_the_page_says_who_asks_for_what_and_that_it_is_a_sandbox(served: Sandbox) -> None:
    asked = page(served, callback_url="https://example.com/back", limit="12.5", key_label="<b>x")

    shown = httpx.get(asked)

    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert "This is a sandbox" in shown.text
    assert "example.com" in shown.text
    assert "$12.50" in shown.text
    assert "&lt;b&gt;x" in shown.text
    assert "src=" not in shown.text


@pytest.mark.parametrize(
    ("asked", "told"),
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
def test_a_wrong_request_for_consent_is_shown_and_leads_nowhere(
    served: Sandbox, asked: dict[str, str], told: str
) -> None:
    for response in (httpx.get(page(served, **asked)), pressed(served, "allow", **asked)):
        assert response.status_code == 400
        assert told in response.text


@pytest.mark.parametrize("host", ["https://example.com", "http://localhost:1", "http://127.0.0.1"])
def test_allow_leads_back_with_a_code_and_keeps_the_query(served: Sandbox, host: str) -> None:
    response = pressed(served, "allow", callback_url=f"{host}/back?a=b%20c", **S256)

    back = urlsplit(response.headers["location"])
    assert response.status_code == 303
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{host}/back"
    query = parse_qs(back.query)
    assert query.keys() == {"a", "code"}
    assert query["a"] == ["b c"]
    assert exchange(served, query["code"][0]).status_code == 200


def test_deny_leads_back_without_a_code(served: Sandbox) -> None:
    response = pressed(served, "deny", callback_url="https://example.com/back", **S256)
    assert response.headers["location"] == "https://example.com/back?error=access_denied"
    assert title_of(pressed(served, "deny", **S256)) == "Denied"


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        pytest.param(S256, {}, id="S256"),
        pytest.param(PLAIN, {"code_challenge_method": "plain"}, id="plain"),
    ],
)
def test_a_code_becomes_a_key_once(
    served: Sandbox, asked: dict[str, str], body: dict[str, Any]
) -> None:
    code = code_in(decide(page(served, **asked)))

    first, second = (exchange(served, code, **body) for _ in range(2))

    assert first.json()["key"].startswith("sk-or-v1-sandbox")
    assert first.json().keys() == {"key", "user_id"}
    assert second.status_code == 403
    assert second.json()["error"]["message"] == "Invalid code or code_verifier"


def test_without_a_challenge_the_code_is_enough(served: Sandbox) -> None:
    response = pressed(served, "allow", callback_url="https://example.com/")
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
def test_a_wrong_exchange_is_refused_and_takes_nothing(
    served: Sandbox, body: dict[str, Any], status: int, message: str
) -> None:
    code = code_in(decide(page(served, **S256)))

    refused = exchange(served, code, **body)

    assert refused.status_code == status
    assert refused.json()["error"]["message"].startswith(message)
    assert exchange(served, code).status_code == 200


def test_a_code_that_expired_is_refused(served: Sandbox) -> None:
    refused = exchange(served, code_in(decide(page(served, **S256), "expired")))
    assert refused.status_code == 403
    assert refused.json()["error"]["message"] == "Authorization code expired"


def test_the_exchange_is_a_post_without_a_key(served: Sandbox) -> None:
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


def test_what_a_stream_costs_counts_for_the_key_as_well(served: Sandbox) -> None:
    key = exchange(served, code_in(decide(page(served, **S256)))).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    body = {"model": "sandbox/thinker", "stream": True, **USER}
    httpx.post(f"{served.base_url}/chat/completions", headers=headers, json=body)
    told = httpx.get(f"{served.base_url}/key", headers=headers).json()["data"]
    assert told["usage"] > 0
    assert told["limit"] is None


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


def test_one_with_a_key_gets_a_code_for_another(served: Sandbox, client: httpx.Client) -> None:
    asked = {"callback_url": "https://example.com/", "limit": 5, **S256}

    response = client.post("/auth/keys/code", json=asked | {"expires_at": "2020-01-01T00:00:00Z"})

    key = exchange(served, response.json()["data"]["id"]).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    told = httpx.get(f"{served.base_url}/key", headers=headers).json()["data"]
    call = httpx.post(f"{served.base_url}/chat/completions", headers=headers, json=USER)
    assert (told["limit"], told["expires_at"]) == (5, "2020-01-01T00:00:00+00:00")
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


def test_a_code_for_another_wants_a_key(served: Sandbox) -> None:
    assert httpx.post(f"{served.base_url}/auth/keys/code", json={}).status_code == 401


@pytest.mark.parametrize(
    ("word", "told", "call"),
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
def test_a_word_in_a_key_makes_it_a_case_to_rehearse(
    served: Sandbox, word: str, told: dict[str, Any] | int, call: int
) -> None:
    headers = {"Authorization": f"Bearer sk-or-v1-sandbox-{word}-0123456789"}

    key = httpx.get(f"{served.base_url}/key", headers=headers)
    answer = httpx.post(f"{served.base_url}/chat/completions", headers=headers, json=USER)

    if isinstance(told, int):
        assert key.status_code == told
    else:
        data = key.json()["data"]
        assert {name: data[name] for name in told} == told
    assert answer.status_code == call


@pytest.mark.parametrize("word", [*SCENARIOS, *REFUSED])
def test_every_case_is_listed_for_people(word: str) -> None:
    assert f"| `{word}` |" in WORDS.read_text("utf-8")


@needs_document
def test_all_of_it_validates_against_the_api_s_own_document(
    served: Sandbox, client: httpx.Client
) -> None:
    code = code_in(decide(page(served, **S256)))
    key = exchange(served, code)
    asked = client.post("/auth/keys/code", json={"callback_url": "https://example.com/"})
    validate(key.json(), reply_schema("post", "/auth/keys", 200))
    validate(asked.json(), reply_schema("post", "/auth/keys/code", 200))
    for status, body in ((400, {"code": 7}), (403, {"code": "unknown"})):
        validate(exchanged(served, **body).json(), reply_schema("post", "/auth/keys", status))
    for word in SCENARIOS:
        headers = {"Authorization": f"Bearer sk-or-v1-sandbox-{word}"}
        response = client.get("/key", headers=headers)
        validate(response.json(), reply_schema("get", "/key", 200))
