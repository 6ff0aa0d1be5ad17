"""A component of another API over MCP: its actions are tools, and nothing names the first one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from support.mcp_host import Host
from support.second_component import KEY, OTHER_BRAND, paperworks


def test_another_api_is_a_set_of_tools(start: Callable[..., Host], tmp_path: Path) -> None:
    with paperworks(tmp_path / "paperworks") as paper:
        host = start(paper.base_url, token=KEY, connector=paper.connector)

        tools = host.tools()
        printed = host.call("printNote", {"style": "serif", "text": "Hello"})
        refused = host.call("printNote", {"style": "gothic", "text": "Hello"})

        assert set(tools) == {"printNote", "chat", "uploadDocument", "bindBook"}
        assert not OTHER_BRAND.search(json.dumps(tools))
        assert printed.structured_content["output"] == "tray 2"
        assert refused.is_error
        shown = str(refused.content)
        assert "There is no such style. The styles are at" in shown
        assert not OTHER_BRAND.search(shown)
        assert {one.headers.get("x-api-key") for one in paper.server.requests} == {KEY}
