"""Access: hosts, tokens, browsers, and pages of other origins."""

from __future__ import annotations

import httpx
import pytest

from support.http_face import ASK, TOKEN, Serve, Served

ELSEWHERE = "https://evil.example"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", "Basic abc", f"Token {TOKEN}", "Bearer ü"]
)
@pytest.mark.parametrize("path", ["/api/component", "/api/openapi.json", "/api/nothing", "/api"])
def test_a_client_without_a_token_is_refused(
    played: Served, path: str, authorization: str | None
) -> None:
    given = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    response = played.client().get(path, headers=given)

    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/api/health/", "/api//health", "/API/component", "//api/component"]
)
def test_no_other_spelling_of_a_path_gets_in(played: Served, path: str) -> None:
    assert played.client().get(path).status_code in (401, 404)


def test_the_address_with_the_token_lets_a_browser_in(played: Served) -> None:
    browser = played.client()
    response = browser.get("/", params={"token": TOKEN})

    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(
        response.headers["set-cookie"].split("; ")
    )
    assert TOKEN not in response.headers["set-cookie"]
    assert browser.get("/api/component").status_code == 200


def test_an_address_with_a_wrong_token_lets_nobody_in(played: Served) -> None:
    browser = played.client()

    assert browser.get("/", params={"token": "wrong"}).status_code == 401
    assert not browser.cookies


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1], lambda c: f"x{c}", lambda c: "a.b", lambda c: ""]
)
def test_a_forged_cookie_lets_nobody_in(played: Served, change: object) -> None:
    assert callable(change)
    browser = played.browser()
    name, value = next(iter(browser.cookies.items()))

    assert _with(played, f"{name}={value}").status_code == 200
    assert _with(played, f"{name}={change(value)}").status_code == 401


def test_a_cookie_of_another_server_lets_nobody_in(serve: Serve) -> None:
    ours, theirs = serve(), serve(token="another-token-of-forty-letters-and-more")
    cookie = next(iter(ours.browser().cookies.values()))
    name = f"openrouter-connector-{theirs.url.rsplit(':', 1)[1]}"

    assert _with(theirs, f"{name}={cookie}").status_code == 401


def test_a_wrong_token_is_not_helped_by_a_cookie(played: Served) -> None:
    browser = played.browser()

    response = browser.get("/api/component", headers={"Authorization": "Bearer wrong"})

    assert response.status_code == 401


def test_a_wrong_token_is_told_from_none(played: Served) -> None:
    stranger = played.client()
    wrong = stranger.get("/api/component", headers={"Authorization": "Bearer wrong"})

    assert "the token is wrong" in wrong.json()["detail"]
    assert "wrong" not in stranger.get("/api/component").json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": ELSEWHERE}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": ELSEWHERE, "Sec-Fetch-Site": "same-origin"}, 403),
    ],
)
def test_only_our_own_pages_may_act_for_a_browser(
    played: Served, headers: dict[str, str], status: int
) -> None:
    response = played.browser().post("/api/actions/ask/form", json={}, headers=headers)

    assert response.status_code == status


@pytest.mark.parametrize(
    ("site", "status"),
    [(None, 403), ("cross-site", 403), ("same-site", 403), ("same-origin", 200)],
)
def test_a_browser_without_an_origin_header_is_checked_by_sec_fetch_site(
    played: Served, site: str | None, status: int
) -> None:
    browser = played.browser()
    del browser.headers["Origin"]

    response = browser.post(
        "/api/actions/ask/form", json={}, headers={"Sec-Fetch-Site": site} if site else {}
    )

    assert response.status_code == status


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "127.0.0.1@evil.example", "[::2]",
     "127.0.0.1:99999", "127.0.0.1/x", ""],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/health", "/api/component"])
def test_an_unknown_host_name_is_refused(played: Served, path: str, host: str) -> None:
    response = played.api.get(path, headers={"Host": host})

    assert response.status_code == 421
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "[::1]:8787", "127.0.0.1"])
def test_the_names_of_this_machine_are_known(played: Served, host: str) -> None:
    assert played.api.get("/api/health", headers={"Host": host}).status_code == 200


def test_another_name_is_known_when_it_is_allowed(serve: Serve) -> None:
    served = serve(hosts=("Connector.example.com",))

    for host, status in (("connector.example.com:443", 200), ("example.com", 421)):
        assert served.api.get("/api/health", headers={"Host": host}).status_code == status


def test_no_page_of_another_origin_reads_answers(played: Served) -> None:
    response = played.api.get("/api/component", headers={"Origin": ELSEWHERE})

    assert "access-control-allow-origin" not in response.headers


def test_an_allowed_origin_may_ask_and_no_other(serve: Serve) -> None:
    served = serve(origins=("http://localhost:5173",))
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }

    ours = _preflight(served, "http://localhost:5173", asked)
    theirs = _preflight(served, "http://localhost:5174", asked)

    assert (ours.status_code, ours.headers["access-control-allow-origin"]) == (
        200,
        "http://localhost:5173",
    )
    assert "access-control-allow-origin" not in theirs.headers
    response = served.client().get("/api/component", headers={"Origin": "http://localhost:5173"})
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (
        401,
        "http://localhost:5173",
    )


def test_an_open_server_lets_programs_in_and_foreign_pages_not(serve: Serve) -> None:
    client = serve(token=None).client()

    def asked(**headers: str) -> int:
        return client.post("/api/actions/ask/form", json={}, headers=headers).status_code

    assert asked() == 200
    assert asked(Origin=ELSEWHERE) == 403
    assert asked(**{"Sec-Fetch-Site": "cross-site"}) == 403


def _with(served: Served, cookie: str) -> httpx.Response:
    return served.client().get("/api/component", headers={"Cookie": cookie})


def _preflight(served: Served, origin: str, asked: dict[str, str]) -> httpx.Response:
    return served.client().options("/api/actions/ask/perform", headers={"Origin": origin, **asked})


def test_no_response_holds_a_token(played: Served) -> None:
    answers = [played.api.get(path) for path in ("/", "/api/health", "/api/connections")]
    answers += [played.perform("ask", ASK), played.browser().get("/")]

    for answer in answers:
        assert TOKEN not in answer.text + str(answer.headers)
