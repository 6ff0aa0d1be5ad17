"""The examples of docs/http.md work unchanged."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from openrouter_connector import Connector
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.http_face import TOKEN, Serve

PAGE = Path(__file__).parents[2] / "docs" / "http.md"


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_examples_work_unchanged(serve: Serve, sandbox: Sandbox, tmp_path: Path) -> None:
    given = {"sandbox": StartupConnection(sandbox.token, sandbox.base_url)}
    served = serve(startup=given, allow_private=True)
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    places = {"SERVER": served.url, "TOKEN": TOKEN, "SANDBOX": sandbox.base_url}

    for block in blocks:
        ended = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", block],
            cwd=tmp_path,
            env={**os.environ, **places, "NO_PROXY": "*"},
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, f"{block}\n{ended.stdout}\n{ended.stderr}"
    assert len(blocks) > 8


def test_every_endpoint_is_on_the_page(serve: Serve, connector: Connector) -> None:
    paths = serve().api.get("/api/openapi.json").json()["paths"]
    page = PAGE.read_text()

    # Each action has a path of its own, and the page shows that of all.
    actions = connector.definition.component.actions
    for path in paths.keys() - {f"/api/actions/{name}/perform" for name in actions}:
        shape = re.sub(r"\\\{.*?\\\}", r"[^/\\s\"`]+", re.escape(path))
        assert re.search(shape, page), path
