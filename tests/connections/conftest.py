"""A store of connections in a folder of its own, a keyring that keeps keys, and open consents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from openrouter_connector import Connector
from openrouter_connector.connections.pkce import Authorizations
from openrouter_connector.connections.store import ConnectionStore
from support.clock import Clock
from support.stored_connections import MemoryKeyring


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "config"


@pytest.fixture
def connections(folder: Path) -> ConnectionStore:
    return ConnectionStore(folder)


@pytest.fixture
def in_use() -> Iterator[None]:
    """Put back the keyring that was in use before a test chose another."""
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture
def ring(in_use: None) -> MemoryKeyring:
    keyring.set_keyring(found := MemoryKeyring())
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flows(connector: Connector, clock: Clock) -> Authorizations:
    return Authorizations(connector.definition.component, clock=clock)
