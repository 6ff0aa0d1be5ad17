"""The page of docs/examples in a real browser, from another origin than its server."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.http_face import TOKEN, Serve
from support.scripted_server import response, scripted

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SHAPES = Path(__file__).parents[2].joinpath("docs/pictures/shapes.png").read_bytes()
NASTY = "<img src=x onerror=\"document.title='taken over'\"><b>Bold</b>"

Open = Callable[..., Page]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the page as its README does, and return its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(EXAMPLES))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A new window; the test fails on an exception in it."""
    context = chromium.new_context()
    page, thrown = context.new_page(), list[str]()
    page.set_default_timeout(20_000)  # milliseconds, for a machine that does other things too
    expect.set_options(timeout=20_000)
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert thrown == []


@pytest.fixture
def canvas(page: Page, site: str, serve: Serve, sandbox: Sandbox) -> Open:
    """Open the page and log in at a server with these connections, by default a sandbox."""

    def opened(**given: StartupConnection) -> Page:
        given = given or {"sandbox": StartupConnection(sandbox.token, sandbox.base_url)}
        # The consent of a sandbox is on this machine.
        server = serve(startup=given, origins=(site,), allow_private=True)
        page.goto(f"{site}/canvas.html")
        page.get_by_label("Server", exact=True).fill(server.url)
        page.get_by_label("Server token").fill(TOKEN)
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("heading", name="Ask", exact=True, level=2)).to_be_visible()
        return page

    return opened


def choose(page: Page, search: str, name: str, field: str = "Model") -> None:
    """Search a dropdown, and select the option of this name."""
    page.get_by_role("combobox", name=field, exact=True).fill(search)
    page.get_by_role("option", name=name).click()


def ask(page: Page, model: str, prompt: str = "Hello") -> None:
    page.get_by_role("combobox", name="Model", exact=True).fill(model)
    page.get_by_label("Prompt", exact=True).fill(prompt)


def run(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()


def test_a_model_that_is_chosen_by_search_changes_the_form(canvas: Open) -> None:
    page = canvas()
    page.get_by_role("group", name="Supported Parameters").locator("summary").click()
    page.get_by_role("checkbox", name="reasoning", exact=True).check()
    page.get_by_text("More settings").click()
    effort = page.get_by_label("Reasoning Effort")
    expect(effort.get_by_role("option", name="none")).to_have_count(1)

    choose(page, "thinker", "Sandbox: Thinker")

    expect(page.get_by_text("Sandbox: Thinker · $1.10 in, $4.40 out")).to_be_visible()
    expect(effort.get_by_role("option", name="none")).to_have_count(0)
    page.get_by_role("checkbox", name="temperature").check()
    temperature = page.get_by_role("textbox", name="Temperature")
    expect(temperature).to_be_disabled()
    expect(temperature).to_have_accessible_description(re.compile("thinker does not support it"))


def test_dropdowns_are_narrowed_and_used_by_keyboard_alone(canvas: Open) -> None:
    page = canvas()
    model = page.get_by_role("combobox", name="Model", exact=True)
    model.click()
    found = page.get_by_role("listbox", name="Model", exact=True).get_by_role("option")
    expect(found.filter(has_text="sandbox/vision")).to_have_count(1)
    page.get_by_role("checkbox", name="Free", exact=True).check()
    expect(found.filter(has_text="sandbox/vision")).to_have_count(0)

    model.fill("echo")
    expect(found).to_have_count(1)
    model.press("ArrowDown")
    model.press("Enter")

    expect(model).to_have_value("sandbox/echo:free")
    expect(found).to_be_hidden()


def test_a_check_shows_the_price_and_a_run_shows_the_streamed_answer(canvas: Open) -> None:
    page = canvas()
    ask(page, "sandbox/echo", "How <b>are</b> you?")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("No problems found.")).to_be_visible()
    expect(page.get_by_text("about $0.00")).to_be_visible()

    run(page)

    expect(page.get_by_text("You said: How <b>are</b> you?")).to_be_visible()
    expect(page.locator("#result .facts")).to_contain_text("sandbox/echo")
    expect(page.locator("#result .facts")).to_contain_text("$0.0000")


def test_a_missing_value_is_reported_beside_its_field(canvas: Open) -> None:
    page = canvas()
    ask(page, "sandbox/echo", "")
    run(page)
    prompt = page.get_by_label("Prompt", exact=True)

    expect(prompt).to_have_accessible_description(re.compile("is missing"))
    expect(prompt).to_have_attribute("aria-invalid", "true")


def test_an_upload_travels(canvas: Open) -> None:
    page = canvas()
    ask(page, "sandbox/echo", "What is in it?")
    note = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"The cat sleeps."}
    page.get_by_label("Attachments").set_input_files(note)  # type: ignore[arg-type]
    run(page)

    expect(page.locator("#result")).to_contain_text("The cat sleeps.")


def test_an_image_is_shown_from_the_server(canvas: Open) -> None:
    page = canvas()
    page.get_by_role("button", name="Create Image").click()
    choose(page, "painter", "Sandbox: Painter sandbox/painter price not listed")
    page.get_by_role("button", name="Add Messages").click()
    page.get_by_label("Content").fill("A lighthouse")
    run(page)
    image = page.get_by_role("img", name="image.png")

    expect(image).to_be_visible()
    assert image.evaluate("async (it) => (await it.decode(), it.naturalWidth)") == 1024


def test_each_image_of_a_list_is_shown_as_soon_as_it_is_done(canvas: Open) -> None:
    page = canvas()
    page.get_by_role("button", name="Analyze Images").click()
    page.get_by_role("combobox", name="Model", exact=True).fill("sandbox/vision")
    page.get_by_label("Task", exact=True).select_option('"object-detection"')
    page.get_by_label("Images", exact=True).set_input_files(
        [
            {"name": "shapes.png", "mimeType": "image/png", "buffer": SHAPES},
            {"name": "letter.png", "mimeType": "image/png", "buffer": b"Dear Anna"},
        ]  # type: ignore[arg-type]
    )
    run(page)
    first, second = (page.locator("#result article").nth(place) for place in (0, 1))

    expect(first.get_by_role("img")).to_be_visible()
    expect(first).to_contain_text("shapes.png")
    expect(second).to_contain_text("letter.png is text; JPEG")
    expect(page.locator("#status")).to_have_text("Done.")


def test_an_error_is_shown_with_its_way_out(canvas: Open) -> None:
    page = canvas()
    ask(page, "sandbox/no-credits")
    run(page)
    expect(page.get_by_role("alert")).to_contain_text("Add credits at https://openrouter.ai")

    ask(page, "sandbox/breaks-mid-stream")
    run(page)

    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.locator("#result")).to_contain_text("This is the sandbox answering")


def test_a_run_can_be_cancelled(canvas: Open) -> None:
    page = canvas()
    ask(page, "sandbox/slow")
    run(page)
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_a_stored_action_with_unknown_properties_gets_suggestions(canvas: Open) -> None:
    page = canvas()
    page.get_by_text("What a host stores").click()
    kept = page.get_by_label("Stored action as JSON")
    kept.fill('{"type": "openRouter/v1/ask", "parameters": {"userPromt": "Hello"}}')
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.get_by_text("did you mean 'userPrompt'?")).to_be_visible()

    page.get_by_role("button", name="Remove it").click()

    expect(page.get_by_text("did you mean 'userPrompt'?")).to_be_hidden()


@pytest.mark.parametrize("wrong", ['"stop": {"a": 1}', '"attachments": "x"', '"messages": 7'])
def test_an_invalid_stored_action_is_reported_and_breaks_nothing(canvas: Open, wrong: str) -> None:
    page = canvas()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.get_by_text("What a host stores").click()
    kept = page.get_by_label("Stored action as JSON")
    shape = '"format": "ADVANCED", ' if "messages" in wrong else ""
    kept.fill(f'{{"type": "openRouter/v1/ask", "parameters": {{{shape}{wrong}}}}}')
    name = wrong.partition(":")[0]
    with page.expect_response(
        lambda one: name in (one.request.post_data or "") and "/form" in one.url
    ):
        page.get_by_role("button", name="Load", exact=True).click()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("must be a list").first).to_be_attached()
    assert broken == []


def test_html_in_the_name_of_a_model_is_text(canvas: Open) -> None:
    row: dict[str, Any] = {"id": NASTY, "name": NASTY, "pricing": {}, "description": NASTY}
    with scripted(response({"data": [row]})) as api:
        page = canvas(nasty=StartupConnection("a-key", api.base_url))
        page.get_by_role("combobox", name="Model", exact=True).click()
        option = page.get_by_role("listbox", name="Model", exact=True).get_by_role("option")
        expect(option).to_contain_text(NASTY)
        option.click()

        expect(page.locator("[data-path=model] b")).to_have_text(NASTY)
        expect(page.locator("#form img")).to_have_count(0)
        assert page.title() == "OpenRouter on a canvas"


def test_a_consent_in_the_browser_ends_with_credits_shown(canvas: Open, sandbox: Sandbox) -> None:
    page = canvas()
    page.get_by_role("button", name="Connect…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("More settings").click()
    dialog.get_by_label("Base URL").fill(sandbox.base_url)
    dialog.get_by_label("Spending limit (USD)").fill("7.5")
    with page.context.expect_page() as opened:
        dialog.get_by_role("button", name="Connect with OpenRouter").click()
    opened.value.get_by_role("button", name="Allow", exact=True).click()
    expect(opened.value.get_by_role("heading", name="Connected")).to_be_visible()
    expect(dialog.get_by_role("status")).to_contain_text("the key works")

    dialog.get_by_label("Connection name").fill("Mine")
    dialog.get_by_role("button", name="Save").click()

    expect(page.locator("dialog")).to_be_empty()
    expect(page.get_by_label("Connection", exact=True)).to_have_value("Mine")
    expect(page.locator("#key-status")).to_contain_text("$7.50 left of its limit")


def test_a_wrong_token_is_said_to_be_wrong(page: Page, site: str, serve: Serve) -> None:
    server = serve(origins=(site,))
    page.goto(f"{site}/canvas.html")
    page.get_by_label("Server", exact=True).fill(server.url)
    page.get_by_label("Server token").fill(f"{TOKEN}x")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_contain_text("the token is wrong")


def test_the_token_is_kept_in_memory_only(canvas: Open) -> None:
    page = canvas()
    page.wait_for_load_state("networkidle")

    assert TOKEN not in page.content() + page.url
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.context.cookies() == []
