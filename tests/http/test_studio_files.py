"""The page and the files of the Studio, by a bundle as the build makes it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from support.http_face import Serve, Served

PAGE = '<meta property="csp-nonce" nonce="STYLE_NONCE" /><script src="./assets/index-Bk.js">'
SCRIPT = "console.log('the Studio');\n" * 200


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "index-Bk.js").write_text(SCRIPT)
    (folder / "assets" / "inter.woff2").write_bytes(b"wOF2" + bytes(2000))
    (folder / "assets" / ".hidden.js").write_text("hidden")
    (tmp_path / "outside.js").write_text("outside")
    (tmp_path / "assets").mkdir()
    return folder


@pytest.fixture
def studio(serve: Serve, bundle: Path) -> Served:
    return serve(studio=bundle)


def test_the_studio_is_the_first_page_once_logged_in(studio: Served) -> None:
    stranger, browser = studio.client().get("/"), studio.browser().get("/")

    assert "You are not logged in" in stranger.text
    assert "./assets/index-Bk.js" in browser.text
    assert browser.headers["cache-control"] == "no-store"


def test_a_server_without_a_token_shows_the_studio_at_once(serve: Serve, bundle: Path) -> None:
    assert "./assets/index-Bk.js" in serve(studio=bundle, token=None).client().get("/").text


def test_without_a_bundle_the_first_page_is_a_plain_one(serve: Serve, tmp_path: Path) -> None:
    served = serve(studio=tmp_path / "nothing")

    assert "/api/openapi.json" in served.api.get("/").text
    assert served.api.get("/favicon.svg").status_code == 404


def test_the_page_runs_its_own_scripts_alone(studio: Served) -> None:
    policy = studio.api.get("/").headers["content-security-policy"]

    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["connect-src"] == "'self'"
    assert "unsafe" not in policy
    assert rules["require-trusted-types-for"] == "'script'"


def test_the_nonce_of_styles_is_new_for_each_page(studio: Served) -> None:
    first, second = studio.api.get("/"), studio.api.get("/")

    nonces = [re.findall(r'nonce="([^"]+)"', page.text) for page in (first, second)]
    assert nonces[0] != nonces[1]
    assert f"'nonce-{nonces[0][0]}'" in first.headers["content-security-policy"]
    assert "STYLE_NONCE" not in first.text


def test_an_asset_is_kept_for_good_and_sent_zipped(studio: Served) -> None:
    script = studio.client().get("/assets/index-Bk.js")

    assert script.text == SCRIPT
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["content-encoding"] == "gzip"
    assert int(script.headers["content-length"]) < len(SCRIPT) / 10
    assert "immutable" in script.headers["cache-control"]
    assert "Accept-Encoding" in script.headers["vary"]


@pytest.mark.parametrize("accepts", ["identity", "br", "gzip;q=0", "gzip; q=0.0, br"])
def test_who_does_not_accept_gzip_gets_the_plain_file(studio: Served, accepts: str) -> None:
    script = studio.client().get("/assets/index-Bk.js", headers={"Accept-Encoding": accepts})

    assert "content-encoding" not in script.headers
    assert script.text == SCRIPT


def test_a_font_is_not_zipped_again(studio: Served) -> None:
    font = studio.client().get("/assets/inter.woff2")

    assert "content-encoding" not in font.headers
    assert font.headers["content-type"] == "font/woff2"


def test_a_file_that_was_built_anew_is_served_anew(studio: Served, bundle: Path) -> None:
    browser = studio.client()
    first = browser.get("/favicon.svg")
    known = {"If-None-Match": first.headers["etag"]}
    assert browser.get("/favicon.svg", headers=known).status_code == 304

    (bundle / "favicon.svg").write_text("<svg><circle/></svg>")

    assert browser.get("/favicon.svg", headers=known).text == "<svg><circle/></svg>"


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/assets/.hidden.js",
        "/assets/../../outside.js",
        "/assets/..%2f..%2foutside.js",
        "/..%2foutside.js",
        "/%2e%2e/outside.js",
        "/assets/%2fetc%2fpasswd",
        "/assets/..%5c..%5coutside.js",
        "/assets/index-Bk.js%00.svg",
        "/assets/",
        "/assets",
        "/nowhere",
    ],
)
def test_nothing_but_files_of_the_bundle_is_served(studio: Served, path: str) -> None:
    # httpx removes `..` from a path that is text.
    url = httpx.URL(studio.url).copy_with(raw_path=path.encode())
    answer = studio.client().get(url)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_definition_is_sent_zipped_and_only_when_it_changed(studio: Served) -> None:
    first = studio.api.get("/api/component")
    again = studio.api.get("/api/component", headers={"If-None-Match": first.headers["etag"]})
    other = studio.api.get("/api/component", headers={"If-None-Match": 'W/"of-another-version"'})

    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < 60_000 < len(first.content)
    assert first.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert other.json() == first.json()
