"""What the tests of runs may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openrouter_connector import Connector
from openrouter_connector.sandbox import Sandbox
from support.runs import Running


@pytest.fixture
def running(connector: Connector, tmp_path: Path) -> Iterator[Running]:
    # A sandbox keeps only its last requests, so that one of many tests cannot count them.
    with Sandbox() as sandbox:
        yield Running(connector, sandbox, tmp_path)


@pytest.fixture
def hasty(connector: Connector, tmp_path: Path) -> Iterator[Running]:
    """Runs whose slow model takes 1.5 seconds in place of five: for tests that wait it out."""
    with Sandbox(slow=1.5) as sandbox:
        yield Running(connector, sandbox, tmp_path)
