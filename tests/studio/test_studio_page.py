"""The page of the Studio loads in a real browser, under its policy."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from support.http_face import TOKEN, Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from support.studio import Troubles


def test_the_page_loads_under_its_policy_without_an_error(page: Page) -> None:
    answer = page.reload()

    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    page.wait_for_function("() => document.getElementById('root').childElementCount > 0")


def test_the_token_leaves_the_address(page: Page, studio: Served) -> None:
    assert page.url.rstrip("/#") == studio.url
    assert TOKEN not in page.content()


def test_a_script_of_another_hand_does_not_run(page: Page, troubles: Troubles) -> None:
    troubles.expect("Trusted|blocked|cannot be executed|Content Security Policy")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.append("document.title = 'taken over'");
          document.body.append(script);
        }"""
    )

    assert page.title() != "taken over"
    assert any("TrustedScript" in one for one in troubles.seen)


def png(width: int, height: int) -> bytes:
    Image.new("RGB", (width, height)).save(written := BytesIO(), "PNG")
    return written.getvalue()


def test_a_picture_of_the_store_is_shown_with_the_cookie_alone(page: Page, studio: Served) -> None:
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>'
    for name, content, kind in (
        ("a.svg", picture, "image/svg+xml"),
        ("b.png", png(40, 30), "image/png"),
    ):
        entry = studio.api.post("/api/files", files={"file": (name, content, kind)}).json()
        width = page.evaluate(
            """async (url) => {
              const image = new Image();
              image.src = url;
              await image.decode();
              return image.naturalWidth;
            }""",
            entry["url"],
        )
        assert width == 40


def test_a_stranger_sees_the_page_that_asks_to_log_in(chromium: Browser, studio: Served) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(studio.url)

    assert "You are not logged in" in page.inner_text("body")
    context.close()
