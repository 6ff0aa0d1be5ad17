"""Large and odd results: files, many images, long texts, video, names that look like markup."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from openrouter_connector.sandbox import Sandbox
from support.http_face import Served
from support.images import DOT
from support.studio import ask_step, node, open_flow, use_connection

if TYPE_CHECKING:
    from playwright.sync_api import Page

MARKUP = "<img src=x onerror=document.title='taken'>.txt"


def run(page: Page) -> None:
    page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()


def done(page: Page) -> None:
    page.wait_for_selector(".runbar-outcome-done", timeout=60_000)


def show_output(page: Page, step: str) -> None:
    node(page, step).locator("header").click()
    page.get_by_role("tab", name="Output").click()


def uploaded(studio: Served, name: str, data: bytes, kind: str) -> Any:
    return studio.api.post("/api/files", files={"file": (name, data, kind)}).json()


def variable(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "label": name, "type": "var/v1/set", "parameters": {"value": value}}


def test_a_video_plays_in_its_node_with_all_its_controls(page: Page, studio: Served) -> None:
    step: dict[str, Any] = {"name": "film_1", "label": "Film", "type": "openRouter/v1/createVideo"}
    step |= {"parameters": {"model": "sandbox/filmer", "prompt": "A fox"}}
    open_flow(page, studio, label="Video", tasks=[step])
    run(page)
    done(page)
    video = node(page, "film_1").locator("video")
    page.wait_for_function("() => document.querySelector('video').videoWidth > 0")
    shown, well = video.bounding_box(), node(page, "film_1").locator(".canvas-well").bounding_box()

    assert shown and well and shown["height"] <= well["height"]


def test_an_image_is_shown_before_it_is_finished(page: Page, studio: Served) -> None:
    asked = {"model": "sandbox/painter", "imageMessages": [{"content": "A fox"}]}
    step = {"name": "a", "type": "openRouter/v1/createImage", "parameters": asked}
    with Sandbox(latency=3) as slow:
        use_connection(page, studio, "Slow", slow.token, slow.base_url)
        open_flow(page, studio, label="Image", tasks=[step])
        run(page)
        image = node(page, "a").locator(".canvas-well img")
        expect(image).to_have_attribute("alt", "Unfinished image")
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        done(page)
        expect(image).not_to_have_attribute("alt", "Unfinished image")


def test_forty_images_of_the_flow_itself_are_shown(page: Page, studio: Served) -> None:
    pictures = [uploaded(studio, f"{n}.png", b64decode(DOT), "image/png") for n in range(40)]
    open_flow(page, studio, label="Images", tasks=[variable("all", pictures)])
    run(page)
    done(page)
    show_output(page, "all")
    expect(page.locator(".inspector .result-images img")).to_have_count(40)
    page.get_by_role("button", name="Open 30.png").click()

    page.get_by_role("dialog").get_by_text("31 of 40").wait_for()


def test_a_text_of_five_megabytes_is_loaded_when_it_is_asked_for(
    page: Page, studio: Served
) -> None:
    text = "A line of a long text.\n" * 220_000
    flow = {"label": "Long", "inputs": [{"name": "text", "type": "string"}]}
    flow |= {"tasks": [variable("all", "${text}")], "outputs": [{"name": "x", "value": "${all}"}]}
    stored = studio.api.post("/api/flows", json={"flow": flow}).json()["id"]
    studio.api.post("/api/runs", json={"flowId": stored, "inputs": {"text": text}})
    page.goto("/#/runs")
    page.get_by_text("Open on Canvas").click()
    done(page)
    show_output(page, "all")
    page.locator(".inspector").get_by_role("button", name="Load", exact=True).click()

    page.locator(".inspector .result-text", has_text="A line of a long text.").wait_for()
    assert len(page.locator(".inspector .result-text").inner_text()) < 100_000


def test_names_of_files_and_steps_are_text_and_their_files_are_used(
    page: Page, studio: Served
) -> None:
    file = uploaded(studio, MARKUP, b"hello", "text/plain")
    step = ask_step("ask_1", "Read")
    step |= {"label": "<u>Step</u>"}
    step["parameters"]["attachments"] = [file]
    wanted = {"name": "given", "label": "<s>Given</s>", "type": "file_entry"}
    tasks = [step, variable("own", file), variable("named", "${given}")]
    open_flow(page, studio, label="<i>Flow</i>", inputs=[wanted], tasks=tasks)
    run(page)
    page.set_input_files(
        "#input-given", {"name": MARKUP, "mimeType": "text/plain", "buffer": b"hey"}
    )
    page.locator(".runs-file b", has_text=MARKUP).wait_for()
    page.locator("[role=dialog]").get_by_role("button", name="Run", exact=True).click()
    done(page)
    for name in ("own", "named"):
        show_output(page, name)
        page.locator(".inspector .result-file", has_text=MARKUP).wait_for()
        address = page.locator(".inspector a[download]").get_attribute("href") or ""
        assert studio.api.get(address).text in ("hello", "hey")
    page.get_by_role("tab", name="Runs").click()
    page.locator(".runs-step-name", has_text="<u>Step</u>").wait_for()

    assert MARKUP in node_text(studio)
    assert page.title() != "taken"


def node_text(studio: Served) -> str:
    [found] = studio.api.get("/api/runs").json()
    steps = studio.api.get(f"/api/runs/{found['id']}").json()["steps"]
    return str(steps[0]["output"])


def test_a_file_that_an_input_has_by_default_is_sent_as_a_file(page: Page, studio: Served) -> None:
    file = uploaded(studio, "note.txt", b"hello", "text/plain")
    given = {"name": "given", "type": "file_entry", "defaultValue": file}
    open_flow(page, studio, label="Default", inputs=[given], tasks=[variable("all", "${given}")])
    run(page)
    page.locator(".runs-file b", has_text="note.txt").wait_for()
    page.locator("[role=dialog]").get_by_role("button", name="Run", exact=True).click()
    done(page)
    show_output(page, "all")

    page.locator(".inspector .result-file", has_text="note.txt").wait_for()
