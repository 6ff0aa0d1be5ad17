"""What a server says of a key is told in a word and a sentence; no odd answer is a crash."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Mapping
from typing import Any

import pytest

from openrouter_connector import Connector, Timeouts
from openrouter_connector.connections import key_check
from openrouter_connector.connections.key_check import KeyReport
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import CLOSES, HANGS, RESETS, Answer, Scripted, response, scripted

TOKEN = "sk-or-v1-c4n4ry0f7h3m1n3"
KEYS = "https://openrouter.ai/settings/keys"
NOT_YOURS = response({"error": {"message": "Only management keys can perform this operation"}}, 403)
GOOD = {
    "label": "sk-or-v1-c4n...1n3",
    "limit": 100,
    "limit_remaining": 74.5,
    "limit_reset": "monthly",
    "usage": 25.5,
    "is_free_tier": False,
    "is_management_key": False,
    "is_provisioning_key": False,
    "creator_user_id": None,
    "expires_at": "2127-12-31T23:59:59Z",
    "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated"},
}


def asked(
    connector: Connector, server: str | Scripted, token: str | None = TOKEN, **options: Any
) -> KeyReport:
    base_url = server if isinstance(server, str) else server.base_url
    component = connector.definition.component
    report = asyncio.run(key_check.check_key(component, token, base_url=base_url, **options))
    shown = report.message + repr(report) + json.dumps(report.to_json())
    assert token is None or token not in shown
    assert report.message and "\n" not in report.message
    assert report.ok is (report.state == "ok") is report.to_json()["ok"]
    return report


def told(
    connector: Connector, key: Any = None, credit: Answer = NOT_YOURS, **more: Any
) -> KeyReport:
    """Test a key of which a server tells this, or the data of a good key with other values."""
    answer = key if isinstance(key, Answer) else response({"data": key or {**GOOD, **more}})
    with scripted(answer, credit) as server:
        return asked(connector, server)


def test_a_good_key_is_told_with_all_that_is_known_of_it(connector: Connector) -> None:
    with scripted(response({"data": GOOD}), NOT_YOURS) as server:
        report = asked(connector, server, headers={"X-OpenRouter-Title": "An App"})
    assert report.to_json() == {
        "state": "ok",
        "ok": True,
        "message": "the key works",
        "label": "sk-or-v1-c4n...1n3",
        "kind": "standard",
        "limit": 100,
        "limitRemaining": 74.5,
        "limitReset": "monthly",
        "usage": 25.5,
        "freeTier": False,
        "expiresAt": "2127-12-31T23:59:59+00:00",
        "credits": None,
    }
    assert [one.path for one in server.requests] == ["/api/v1/key", "/api/v1/credits"]
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert server.requests[0].headers["x-openrouter-title"] == "An App"


def test_the_sandbox_knows_its_keys(connector: Connector, sandbox: Sandbox) -> None:
    def state(token: str) -> str:
        return asked(connector, sandbox.base_url, token).state

    assert state(sandbox.token) == state(f"  {sandbox.token}\n") == "ok"
    assert state("sk-or-v1-management") == "management"
    assert state("unknown") == "rejected"
    report = asked(connector, sandbox.base_url, None)
    assert (report.state, "requires a key" in report.message) == ("rejected", True)


@pytest.mark.parametrize(
    ("key", "state", "way_out"),
    [
        ({"is_management_key": True}, "management", f"cannot call a model.*{KEYS}"),
        ({"is_management_key": None, "is_provisioning_key": True}, "management", "API key"),
        ({"limit_remaining": 0}, "noCredits", f"raise it at {KEYS}, or wait for its monthly reset"),
        ({"limit_remaining": -0.2, "limit_reset": None}, "noCredits", f"raise it at {KEYS}$"),
        ({"limit": None, "limit_remaining": None}, "ok", "works"),
        ({"expires_at": "2020-01-31T00:00:00Z"}, "expired", f"on 2020-01-31; .* at {KEYS}"),
        ({"expires_at": "2020-01-31T00:00:00"}, "expired", "2020-01-31"),
        ({"is_free_tier": True}, "ok", "free models only.*buy credits"),
    ],
)
def test_what_a_key_is_good_for_is_told(
    connector: Connector, key: Mapping[str, Any], state: str, way_out: str
) -> None:
    report = told(connector, **key)
    assert report.state == state
    assert re.search(way_out, report.message), report.message


@pytest.mark.parametrize(
    ("account", "management", "left", "state"),
    [
        ({"total_credits": 100.5, "total_usage": 25.75}, False, 74.75, "ok"),
        ({"total_credits": 0, "total_usage": 0}, False, None, "ok"),
        ({"total_credits": 0, "total_usage": 0}, True, 0, "management"),
        ({"total_credits": 10, "total_usage": 10.5}, False, -0.5, "noCredits"),
        ({"total_credits": "10", "total_usage": "4"}, False, 6, "ok"),
        ({"total_credits": None, "total_usage": 4}, False, None, "ok"),
        ({"total_credits": [1], "total_usage": {}}, False, None, "ok"),
    ],
)
def test_what_is_left_in_the_account_is_told_where_it_is_known(
    connector: Connector, account: Any, management: bool, left: float | None, state: str
) -> None:
    report = told(connector, credit=response({"data": account}), is_management_key=management)
    assert (report.credits, report.state) == (left, state)


@pytest.mark.parametrize(
    "answer",
    [NOT_YOURS, CLOSES, response("<html>", 500), response("[]"), response("")],
)
def test_an_account_that_may_not_be_asked_changes_nothing(
    connector: Connector, answer: Answer
) -> None:
    assert told(connector, credit=answer).ok


ECHO = {"message": f"No auth credentials found for {TOKEN}", "code": 401}


@pytest.mark.parametrize(
    ("answer", "state", "way_out"),
    [
        (response({"error": ECHO}, 401), "rejected", KEYS),
        (response("", 401), "rejected", "misspelled, disabled or deleted"),
        (response({"error": ECHO}), "rejected", KEYS),
        (response({"error": {"message": "Insufficient credit"}}, 402), "noCredits", "Insufficient"),
        (response({"error": ECHO}, 403), "forbidden", r"for \[token\]"),
        (response("<html>blocked", 403, kind="text/html"), "forbidden", KEYS),
        (response({"error": "busy"}, 503, headers={"Retry-After": "60"}), "unverified", "busy"),
        (response({"error": "x"}, 429, headers={"Retry-After": "60"}), "unverified", "try again"),
        (response({"error": "what?"}, 400), "unverified", "answered 400"),
        (response("<html>Log in", kind="text/html"), "wrongHost", "check the base URL"),
        (response("OK", kind="text/plain"), "wrongHost",
         r"check the base URL \(OpenRouter's is https://openrouter\.ai/api/v1\)"),
        (response(""), "wrongHost", "check the base URL"),
        (response({"status": "fine"}), "wrongHost", "check the base URL"),
        (response("", 302, headers={"Location": f"https://x.example/?k={TOKEN}"}), "wrongHost",
         "redirects to https://x.example/"),
        (CLOSES, "offline", "check the network"),
        (RESETS, "offline", "check the network"),
        (HANGS, "offline", "in time"),
        (response("{}", headers={"Content-Length": "999"}, then="close"), "offline", "network"),
        (response("{}", headers={"Content-Length": "999"}, then="hang"), "offline", "in time"),
        (Answer((b"220 mail.example ESMTP\r\n",), then="close"), "offline", "base URL"),
    ],
)  # fmt: skip
def test_each_failure_has_a_state_and_a_way_out(
    connector: Connector, answer: Answer, state: str, way_out: str
) -> None:
    with scripted(answer) as server:
        report = asked(connector, server, timeouts=Timeouts(connect=1, idle=0.2))
    assert report.state == state
    assert re.search(way_out, report.message), report.message
    assert [one.path for one in server.requests] == ["/api/v1/key"], "/models is never asked"


MISSING = response({"detail": "Not Found"}, 404)
LIST = response({"object": "list", "data": [{"id": "a/b", "object": "model"}]})
WANTS_A_KEY = response({"error": {"message": "Invalid API Key", "code": 401}}, 401)
LITELLM = response({"error": {"message": "No connected db.", "type": "no_db_connection"}}, 400)


@pytest.mark.parametrize(
    ("answers", "token", "state", "told"),
    [
        ((MISSING, LIST, WANTS_A_KEY), TOKEN, "ok", "the key works"),
        ((MISSING, LIST, LIST), TOKEN, "unverified", "returns /models even without a key"),
        ((MISSING, LIST, CLOSES), TOKEN, "unverified", "the first call will show"),
        ((MISSING, WANTS_A_KEY), TOKEN, "rejected", "does not know this key"),
        ((MISSING, LITELLM), TOKEN, "rejected", "does not know this key"),
        ((MISSING, response({"error": "no"}, 403)), TOKEN, "forbidden", "refuses this key"),
        ((MISSING, WANTS_A_KEY), None, "rejected", "requires a key; enter one"),
        ((MISSING, LIST), None, "unverified", "returns /models without a key"),
        (
            (MISSING, MISSING),
            TOKEN,
            "unverified",
            "has no /key and no /models.*base URL.*/api/v1.*let the first call show",
        ),
        ((MISSING, response({"models": []})), TOKEN, "unverified", "has no /key"),
        ((MISSING, CLOSES), TOKEN, "unverified", "has no /key"),
        (
            (response("<html>", 404, kind="text/html"), MISSING),
            TOKEN,
            "unverified",
            "has no /key",
        ),
        (
            (response({"detail": "Not Allowed"}, 405), MISSING),
            TOKEN,
            "unverified",
            "has no /key",
        ),
    ],
)
def test_where_there_is_no_key_to_ask_about_the_models_are_asked_for(
    connector: Connector, answers: tuple[Answer, ...], token: str | None, state: str, told: str
) -> None:
    with scripted(*answers) as server:
        report = asked(connector, server, token)
    assert report.state == state
    assert re.search(told, report.message), report.message
    assert [one.path for one in server.requests][1:] == ["/api/v1/models"] * (len(answers) - 1)
    known, strangers = server.requests[:2], server.requests[2:]
    assert all(one.headers.get("authorization") == (token and f"Bearer {token}") for one in known)
    assert not any("authorization" in one.headers for one in strangers)


def test_the_servers_own_page_is_missed_where_it_should_be(connector: Connector) -> None:
    with scripted(response("Not found", 404, kind="text/plain")) as server:
        component = connector.definition.component.model_copy(update={"base_url": server.base_url})
        report = asyncio.run(key_check.check_key(component, TOKEN))
    assert (report.state, "base URL" in report.message) == ("wrongHost", True)


def test_no_connection_is_told(connector: Connector) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{taken.getsockname()[1]}/api/v1"
        report = asked(connector, base_url)
    assert (report.state, "check the network" in report.message) == ("offline", True)


@pytest.mark.parametrize(
    ("token", "base_url", "state"),
    [
        ("", "https://openrouter.ai/api/v1", "malformed"),
        (None, "https://openrouter.ai/api/v1", "malformed"),
        ("sk-wrong-kind", "https://us.openrouter.ai/api/v1", "malformed"),
        ("sk-or-v1-with space", "http://127.0.0.1:9/v1", "malformed"),
        ("sk-or-v1-línea", "https://openrouter.ai/api/v1", "malformed"),
        (TOKEN, "http://openrouter.ai/api/v1", "wrongHost"),
        (TOKEN, "openrouter.ai/api/v1", "wrongHost"),
    ],
)
def test_what_can_be_seen_is_told_before_anything_is_sent(
    connector: Connector, token: str | None, base_url: str, state: str
) -> None:
    assert asked(connector, base_url, token or None).state == state  # the network is closed here


ODD: list[Any] = [
    None, "", "x", "NaN", "1e999", -1, 0, 10**400, True, [], {}, [[1]], {"a": {"b": None}},
    "2020-13-45", "9999-12-31T23:59:59-23:59", "\x1b[2J\u202e\n", "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_no_odd_value_is_a_crash(connector: Connector, name: str) -> None:
    answers = [response({"data": {**GOOD, name: value}}) for value in ODD]
    answers += [response({"data": {k: v for k, v in GOOD.items() if k != name}})]
    with scripted(*(one for answer in answers for one in (answer, NOT_YOURS))) as server:
        for _ in answers:
            report = asked(connector, server)
            assert report.state in ("ok", "management", "noCredits", "expired")
            json.dumps(report.to_json(), allow_nan=False)
            texts = [report.label or "", report.limit_reset or "", report.expires_at or ""]
            assert all(text.isprintable() and len(text) <= 80 for text in texts)


SHAPES: list[Any] = [
    None, [], "text", 0, {}, {"data": None}, {"data": []}, {"data": "x"}, {"error": []},
    {"error": {"code": "401"}},
]  # fmt: skip


@pytest.mark.parametrize("body", SHAPES)
def test_an_answer_of_another_shape_proves_nothing(connector: Connector, body: Any) -> None:
    report = told(connector, response(json.dumps(body)))
    assert report.state == "wrongHost"


def test_an_empty_record_and_numbers_as_texts_are_understood(connector: Connector) -> None:
    report = told(connector, limit="100", limit_remaining="0.5", usage="1e1", is_free_tier="true")
    assert (report.limit, report.limit_remaining, report.usage) == (100, 0.5, 10)
    assert report.free_tier
    with scripted(response({"data": {}}), NOT_YOURS) as server:
        assert asked(connector, server).to_json()["limit"] is None


def test_a_label_is_short_printable_and_never_the_key(connector: Connector) -> None:
    label = f"\x1b[31mmine\r\n{TOKEN}\u202e \\u0073 " + "x" * 500
    shown = told(connector, label=label).label or ""
    assert shown.startswith("[31mmine [token] ") and shown.endswith("…") and len(shown) == 80


def test_a_key_that_is_echoed_in_escapes_is_hidden(connector: Connector) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in TOKEN)
    body = f'{{"error": {{"message": "no {escaped}"}}}}'
    report = told(connector, response(body, 403))
    assert "no [token]" in report.message
