"""The library as a program uses it, at the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector import Connector, FileStore, Result
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform


@pytest.fixture
def perform(connector: Connector, sandbox: Sandbox, store: FileStore) -> Perform:
    """Perform an action at the sandbox."""

    def performed(action: str, parameters: Any, **options: Any) -> Result:
        known = {"base_url": sandbox.base_url, "token": sandbox.token, "files": store}
        return connector.run(action, parameters, **{**known, **options})

    return performed
