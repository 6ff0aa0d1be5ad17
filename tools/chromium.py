"""The Chromium of this machine: for tests, pictures and measurements."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = (
    "chromium-headless-shell",  # starts sooner, and takes half of the time of the processor
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
)
_FLAGS = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowserError(Exception):
    """There is no Chromium on the path."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser, and close it at the end of the block. NoBrowserError without a Chromium."""
    from playwright.sync_api import sync_playwright  # takes 0.2 seconds

    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoBrowserError(f"there is no browser: none of {', '.join(NAMES)} is on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        browser.close()
