"""Run the official MCP client on any transport, for tests that are not async.

with hosted(at(url)) as host:
    assert host.call("ask", {...}).structured_content["output"]
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    PROTOCOL_VERSION_META_KEY,
    CallToolResult,
    PromptReference,
    ResourceTemplateReference,
)

from mcp import Client
from support.http_face import TOKEN

Json = Any


@dataclass(frozen=True)
class Host:
    """A host connected to a server."""

    client: Client
    portal: BlockingPortal
    address: str = ""
    """The URL of the server, over HTTP."""

    def call(self, tool: str, arguments: Json = None, **options: Any) -> CallToolResult:
        """Call a tool, and wait for its result."""
        return self.start(tool, arguments, **options).result(40)

    def start(self, tool: str, arguments: Json = None, **options: Any) -> Future[CallToolResult]:
        """Start a call; cancelling the future cancels the call."""

        async def call() -> CallToolResult:
            return await self.client.call_tool(tool, arguments, **options)

        return self.portal.start_task_soon(call)

    def tools(self) -> dict[str, Json]:
        """Return the tools by name, as they were sent."""
        found = self.portal.call(self.client.list_tools)
        return {tool.name: tool.model_dump(by_alias=True) for tool in found.tools}

    def resources(self) -> dict[str, str | None]:
        """Return the resources and their types."""
        found = self.portal.call(self._fresh_resources)
        return {one.uri: one.mime_type for one in found.resources}

    async def _fresh_resources(self) -> Any:
        return await self.client.list_resources(cache_mode="bypass")

    def read(self, address: str) -> Any:
        """Return the only part of a resource."""
        (part,) = self.portal.call(self.client.read_resource, address).contents
        return part

    def read_json(self, address: str) -> Json:
        """Return the value of a JSON resource."""
        return json.loads(self.read(address).text)

    def complete(self, ref: str, name: str, value: str = "", **given: str) -> list[str]:
        """Complete an argument of a prompt (`ref` is its name) or of a URI (its template)."""
        found: Any = PromptReference(name=ref)
        if "://" in ref:
            found = ResourceTemplateReference(uri=ref)
        argument = {"name": name, "value": value}
        result = self.portal.call(self.client.complete, found, argument, given)
        return result.completion.values


@contextmanager
def connect_host(server: Any, address: str = "", **options: Any) -> Iterator[Host]:
    """Connect to a server: a command (StdioServerParameters), or a transport to an address."""
    with start_blocking_portal("asyncio") as portal:
        client = Client(server, **options)
        with portal.wrap_async_context_manager(client):
            yield Host(client, portal, address)


def http_client(token: str = TOKEN, **headers: str) -> httpx.Client:
    """Return an HTTP client that does not use the SDK."""
    sent = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
    return httpx.Client(headers={**sent, **headers}, trust_env=False, timeout=40)


def asked(
    client: httpx.Client,
    address: str,
    version: str,
    method: str,
    params: Json,
    **options: Any,
) -> httpx.Response:
    """Send a request over HTTP in a version of the protocol; before 2026 after a handshake."""
    headers = {"MCP-Protocol-Version": version, "Mcp-Method": method}
    if version < "2026":
        me = {"name": "tests", "version": "1"}
        shared = {"protocolVersion": version, "capabilities": {}, "clientInfo": me}
        opened = client.post(address, json=_message("initialize", shared))
        headers["Mcp-Session-Id"] = opened.headers["mcp-session-id"]
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        client.post(address, json=ready, headers=headers)
    else:
        headers |= {"Mcp-Name": params["name"]} if "name" in params else {}
        known = {PROTOCOL_VERSION_META_KEY: version, CLIENT_CAPABILITIES_META_KEY: {}}
        params = {**params, "_meta": known}
    headers["Content-Type"] = "application/json"
    content = json.dumps(_message(method, params))
    return client.post(address, content=content, headers=headers, **options)


def _message(method: str, params: Json) -> Json:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def text(result: CallToolResult) -> str:
    """Return the text of a result."""
    return "\n".join(block.text for block in result.content if block.type == "text")


def error(result: CallToolResult) -> Json:
    """Return the error of a failed call as an object."""
    assert result.is_error
    return (result.meta or {})["openrouter-connector/error"]


def interruptible() -> None:
    """Restore SIGINT in a child process: a shell in the background ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
