"""Who gets in: hosts, tokens, browsers, and pages of other origins."""

from __future__ import annotations

import httpx
import pytest

from support.http_face import ASK, TOKEN, Serve, Served

ELSEWHERE = "https://evil.example"


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", "Basic abc", f"Token {TOKEN}", "Bearer ü"]
)
@pytest.mark.parametrize("path", ["/api/component", "/api/openapi.json", "/api/nothing", "/api"])
def test_a_stranger_is_refused(played: Served, path: str, authorization: str | None) -> None:
    given = [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
    told = played.client().get(path, headers=given)

    assert (told.status_code, told.headers["www-authenticate"]) == (401, "Bearer")
    assert told.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/api/health/", "/api//health", "/API/component", "//api/component"]
)
def test_no_other_spelling_of_a_path_gets_in(played: Served, path: str) -> None:
    assert played.client().get(path).status_code in (401, 404)


def test_the_address_with_the_token_lets_a_browser_in(played: Served) -> None:
    browser = played.client()
    told = browser.get("/", params={"token": TOKEN})

    assert (told.status_code, told.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(told.headers["set-cookie"].split("; "))
    assert TOKEN not in told.headers["set-cookie"]
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

    told = browser.get("/api/component", headers={"Authorization": "Bearer wrong"})

    assert told.status_code == 401


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
    told = played.browser().post("/api/actions/ask/form", json={}, headers=headers)

    assert told.status_code == status


@pytest.mark.parametrize(
    ("site", "status"),
    [(None, 403), ("cross-site", 403), ("same-site", 403), ("same-origin", 200)],
)
def test_a_browser_without_an_origin_tells_its_site(
    played: Served, site: str | None, status: int
) -> None:
    browser = played.browser()
    del browser.headers["Origin"]

    told = browser.post(
        "/api/actions/ask/form", json={}, headers={"Sec-Fetch-Site": site} if site else {}
    )

    assert told.status_code == status


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "127.0.0.1@evil.example", "[::2]",
     "127.0.0.1:99999", "127.0.0.1/x", ""],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/health", "/api/component"])
def test_a_name_that_was_made_to_lead_here_is_refused(played: Served, path: str, host: str) -> None:
    told = played.api.get(path, headers={"Host": host})

    assert told.status_code == 421
    assert told.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "[::1]:8787", "127.0.0.1"])
def test_the_names_of_this_machine_are_known(played: Served, host: str) -> None:
    assert played.api.get("/api/health", headers={"Host": host}).status_code == 200


def test_another_name_is_known_when_it_is_allowed(serve: Serve) -> None:
    served = serve(hosts=("Connector.example.com",))

    for host, status in (("connector.example.com:443", 200), ("example.com", 421)):
        assert served.api.get("/api/health", headers={"Host": host}).status_code == status


def test_no_page_of_another_origin_reads_answers(played: Served) -> None:
    told = played.api.get("/api/component", headers={"Origin": ELSEWHERE})

    assert "access-control-allow-origin" not in told.headers


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
    told = served.client().get("/api/component", headers={"Origin": "http://localhost:5173"})
    assert (told.status_code, told.headers["access-control-allow-origin"]) == (
        401,
        "http://localhost:5173",
    )


def test_an_open_server_lets_programs_in_and_foreign_pages_not(serve: Serve) -> None:
    stranger = serve(token=None).client()

    def asked(**headers: str) -> int:
        return stranger.post("/api/actions/ask/form", json={}, headers=headers).status_code

    assert asked() == 200
    assert asked(Origin=ELSEWHERE) == 403
    assert asked(**{"Sec-Fetch-Site": "cross-site"}) == 403


def _with(served: Served, cookie: str) -> httpx.Response:
    return served.client().get("/api/component", headers={"Cookie": cookie})


def _preflight(served: Served, origin: str, asked: dict[str, str]) -> httpx.Response:
    return served.client().options("/api/actions/ask/perform", headers={"Origin": origin, **asked})


def test_a_token_is_told_by_no_answer(played: Served) -> None:
    answers = [played.api.get(path) for path in ("/", "/api/health", "/api/connections")]
    answers += [played.perform("ask", ASK), played.browser().get("/")]

    for answer in answers:
        assert TOKEN not in answer.text + str(answer.headers)
