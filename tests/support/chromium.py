"""A real browser that tests which follow each other share; each opens its own window."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from tools.chromium import NoBrowserError
from tools.chromium import chromium as started

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_running: list[tuple[Browser, ExitStack]] = []


@pytest.fixture
def chromium() -> Browser:
    """Return the browser that runs, or start one. Skip a test where there is none."""
    if not _running:
        ending = ExitStack()
        try:
            _running.append((ending.enter_context(started()), ending))
        except NoBrowserError as error:
            pytest.skip(str(error))
    return _running[0][0]


def close_chromium(following: pytest.Item | None) -> None:
    """Close the browser unless the test that follows uses it too.

    Its event loop runs in this thread, and other tests could not start theirs.
    """
    uses_it = isinstance(following, pytest.Function) and "chromium" in following.fixturenames
    while _running and not uses_it:
        _running.pop()[1].close()
