"""A session on its way in and out: nobody else waits for it, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Iterator
from pathlib import Path

import pytest

from openrouter_connector import Connector, CredentialError, InputError
from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.sandbox import Sandbox
from support.stored_connections import MemoryKeyring, use_keyring, work


@pytest.fixture
def left_over() -> Iterator[None]:
    """Make sure that no sandbox of a test runs on."""
    before = set(threading.enumerate())
    yield
    after = set(threading.enumerate()) - before
    assert [one for one in after if one.name == "sandbox"] == []


async def shared(work: Awaitable[object]) -> bool:
    """Do the work, and tell whether others came to run meanwhile."""
    others = asyncio.create_task(asyncio.sleep(0))
    await work
    return others.done()


@pytest.mark.usefixtures("left_over")
def test_others_run_while_a_sandbox_begins_and_ends(connector: Connector) -> None:
    async def run() -> list[bool]:
        session, sandbox = connector.connect(sandbox=True), Sandbox()
        return [
            await shared(session.__aenter__()),
            await shared(sandbox.__aenter__()),
            await shared(sandbox.__aexit__(None, None, None)),
            await shared(session.__aexit__(None, None, None)),
        ]

    assert all(asyncio.run(run()))


@pytest.mark.usefixtures("left_over")
def test_a_session_that_cannot_be_opened_leaves_no_sandbox_behind(connector: Connector) -> None:
    async def run() -> None:
        async with connector.connect(sandbox=True, headers={"X-Odd": "a\nb"}):
            pass

    with pytest.raises(InputError, match="X-Odd"):
        asyncio.run(run())


@pytest.mark.usefixtures("left_over")
def test_a_sandbox_that_nobody_waits_for_any_more_is_stopped(connector: Connector) -> None:
    async def run() -> None:
        entering = asyncio.create_task(connector.connect(sandbox=True).__aenter__())
        await asyncio.sleep(0)  # it begins
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering

    asyncio.run(run())


def test_a_keyring_is_asked_while_others_run(connector: Connector, tmp_path: Path) -> None:
    async def run() -> None:
        async with connector.connect(connection=" Work ", connections=connections):
            pass

    connections = ConnectionStore(tmp_path)
    with use_keyring(ring := Asked()):
        connections.save(work())
        ring.by.clear()
        asyncio.run(run())
    assert ring.by and threading.main_thread() not in ring.by


def test_a_connection_that_is_not_there_is_told_on_entering(
    connector: Connector, tmp_path: Path
) -> None:
    async def run() -> None:
        async with session:
            pass

    session = connector.connect(connection="nobody", connections=ConnectionStore(tmp_path))
    with pytest.raises(CredentialError, match="no connection 'nobody'"):
        asyncio.run(run())


class Asked(MemoryKeyring):
    """A keyring that keeps in mind which threads asked it."""

    def __init__(self) -> None:
        super().__init__()
        self.by: set[threading.Thread] = set()

    def get_password(self, service: str, username: str) -> str | None:
        self.by.add(threading.current_thread())
        return super().get_password(service, username)
