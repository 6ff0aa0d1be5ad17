"""The Studio in a real browser, served with a sandbox of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from openrouter_connector import Connector, FileStore
from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.faces.http.app import Settings, create_app
from openrouter_connector.faces.http.studio import BUNDLE, Bundle
from openrouter_connector.flows.store import FlowStore
from openrouter_connector.sandbox import Sandbox
from support.chromium import chromium  # noqa: F401
from support.http_face import ENDING, TOKEN, Served, running, there
from support.studio import Troubles

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTEFACTS = Path(os.environ.get("OPENROUTER_CONNECTOR_ARTEFACTS", "build/studio"))
_failed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def built() -> None:
    """Skip a test where the pages of the Studio are not built."""
    if not Bundle(BUNDLE).is_built:
        pytest.skip("the Studio is not built; run `make bundle`")


@pytest.fixture
def studio(
    built: None, connector: Connector, own_sandbox: Sandbox, tmp_path: Path
) -> Iterator[Served]:
    """A server of this test alone, with its own connections, files, flows and runs."""
    files = FileStore(tmp_path / "files")
    settings = Settings(
        token=TOKEN,
        startup=there(own_sandbox),
        database=str(tmp_path / "runs.db"),
        worker=True,
        allow_private=True,
    )
    app = create_app(
        connector,
        files,
        settings,
        ConnectionStore(tmp_path / "config"),
        FlowStore(tmp_path / "flows"),
    )
    with running(app, files) as served:
        yield served
    ENDING[-1].join()  # the next worker of this process cannot start beside it


@pytest.fixture
def troubles() -> Troubles:
    """What goes wrong in the page; a test may say what it expects: `troubles.expect("429")`."""
    return Troubles()


@pytest.fixture
def page(
    chromium: Browser,  # noqa: F811
    studio: Served,
    troubles: Troubles,
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    """A window that is logged in at the Studio; at the end nothing must have gone wrong in it."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=studio.url)
    page = context.new_page()
    page.set_default_timeout(20_000)
    troubles.watch(page)
    page.goto(f"/?token={TOKEN}")
    yield page
    if request.node.stash.get(_failed, False) or troubles.unexpected():
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", request.node.nodeid.partition("studio/")[2])
        page.screenshot(path=ARTEFACTS / f"{name}.png")
    context.close()
    assert troubles.unexpected() == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether a test failed, for the picture of its page."""
    report = yield
    if report.when == "call":
        item.stash[_failed] = report.failed
    return report


@pytest.fixture
def canvas(page: Page) -> Iterator[Page]:
    """The page with an empty canvas, and a clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("heading", name="What should this flow do first?").wait_for()
    yield page
