"""What the tests of runs may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from openrouter_connector import Connector
from openrouter_connector.sandbox import Sandbox
from support.runs import Running


@pytest.fixture
def running(connector: Connector, own_sandbox: Sandbox, tmp_path: Path) -> Running:
    return Running(connector, own_sandbox, tmp_path)
