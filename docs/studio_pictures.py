"""Take the pictures of the Studio for the README, in light and dark, with the sandbox.

python -m docs.studio_pictures     needs the built pages (`make bundle`) and Chromium
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from PIL import Image
from tools.chromium import chromium
from tools.studio_server import studio_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).with_name("pictures")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SCENE = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "scenes": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 3},
    },
    "required": ["title", "scenes"],
}


def step(name: str, label: str, action: str, **parameters: Any) -> dict[str, Any]:
    """Return a step that calls an action."""
    kind = f"openRouter/v1/{action}"
    return {"label": label, "name": name, "type": kind, "parameters": parameters}


STORY = {
    "label": "Bedtime Story",
    "inputs": [{"name": "topic", "type": "string", "required": True}],
    "tasks": [
        step(
            "ask_1",
            "Plan the Story",
            "ask",
            model="sandbox/echo",
            userPrompt="Plan a bedtime story about ${topic}, in three scenes.",
            response={"responseFormat": "JSON", "responseSchema": json.dumps(SCENE)},
        ),
        step(
            "ask_2",
            "Write the Blurb",
            "ask",
            model="sandbox/thinker",
            userPrompt="Write two sentences for the back of a book about ${topic}.",
        ),
        {
            "label": "Each Scene",
            "name": "each_1",
            "type": "each/v1",
            "parameters": {
                "items": "${ask_1.scenes}",
                "iteratee": [
                    step(
                        "createImage_1",
                        "Draw the Scene",
                        "createImage",
                        model="sandbox/painter",
                        imageMessages=[
                            {"content": "${topic}: ${each_1.item}, number ${each_1.index}"}
                        ],
                    )
                ],
            },
        },
        step(
            "createSpeech_1",
            "Read It Aloud",
            "createSpeech",
            model="sandbox/speaker",
            voice="alba",
            input="${ask_2}",
        ),
        step(
            "createTranscription_1",
            "Make Subtitles",
            "createTranscription",
            model="sandbox/listener",
            file="${createSpeech_1}",
        ),
    ],
    "outputs": [{"name": "story", "value": "${ask_1}"}],
}


def main() -> None:
    """Take one picture a theme, of a flow that has run."""
    with TemporaryDirectory() as name, studio_server(Path(name)) as url, chromium() as browser:
        for theme in THEMES:
            _picture(browser, url, theme)


def _picture(browser: Browser, url: str, theme: Literal["light", "dark"]) -> None:
    """Take a picture at twice the size, for sharp text."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        device_scale_factor=2,
        color_scheme=theme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    stored = page.request.post(f"{url}api/flows", data={"flow": STORY}).json()
    page.goto(f"{url}#/canvas/{stored['id']}")
    _run(page)
    with Image.open(BytesIO(page.screenshot())) as taken:
        # 256 colours: a quarter of the size, and the eye sees no difference.
        taken.convert("RGB").quantize(256).save(FOLDER / f"studio-{theme}.png", optimize=True)
    context.close()


def _run(page: Page) -> None:
    """Run the open flow to its end, and select a step."""
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("dialog").get_by_role("textbox").first.fill("a lighthouse in the dark")
    page.get_by_role("dialog").get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Run Again").wait_for(timeout=60_000)
    page.get_by_text("Plan the Story").click()
    page.wait_for_timeout(2000)  # pictures and sound are drawn


if __name__ == "__main__":
    main()
