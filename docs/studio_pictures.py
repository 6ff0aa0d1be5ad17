"""Take the pictures of the Studio for the README, in light and dark, with the sandbox.

python -m docs.studio_pictures     needs the built pages (`make bundle`) and Chromium
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from tools.chromium import chromium
from tools.studio_server import studio_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).with_name("pictures")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Take one picture a theme."""
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
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"studio-{theme}.png")
    context.close()


if __name__ == "__main__":
    main()
