"""The server: the tools of a connector, its resources and prompts, around one open session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mcp.server import Server
from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, ListToolsResult, PaginatedRequestParams, Tool

from ...connector import Session
from ...definition.form import Form
from .call_tool import call_tool
from .completions import complete
from .context import INLINE_LIMIT, Asked, Context
from .prompts import get_prompt, list_prompts
from .resources import list_resources, list_templates, lister, read_resource
from .tools import listed

_STABLE = CacheHint(ttl_ms=3_600_000, scope="public")  # what lasts as long as the server

_MODELS = (
    "Models are named like `author/slug`: read openrouter://models, or openrouter://models?search="
    "words."
)
_FILES_AND_OPTIONS = """\
What an argument offers (models, voices, sizes): openrouter://options/{tool}/{argument}?model=…
Files are named openrouter://files/…, as tools give them; a data: URL or a public http(s) URL
does as well; a path only in a folder that the user allowed (--allow-dir, or roots).
Every result ends with the model that answered and the cost in USD; structured content has more."""


def _instructions(here: Context) -> str:
    """Return what an agent should know of the tools; models only where the component lists some."""
    title = here.session.definition.component.title
    about = f"{title}: each tool is one operation of its API, and may cost money."
    return "\n".join([about, *([_MODELS] if lister(here) else []), _FILES_AND_OPTIONS])


def create_server(
    session: Session,
    forms: Mapping[str, Form],
    *,
    inline_limit: int = INLINE_LIMIT,
    tells_paths: bool = False,
    folders: tuple[Path, ...] = (),
) -> Server[Context]:
    """Give the server for a session, which must be open while the server runs.

    `forms` are the actions by their names as tools (see `tools.chosen`). Pictures and sound up
    to `inline_limit` bytes a result stand in it; `tells_paths` says where files lie. Files in
    `folders` may be named by their paths.
    """
    definition = session.definition
    tools = [Tool.model_validate(one) for one in listed(definition, forms)]
    schemas = {tool.name: tool.input_schema for tool in tools}
    everything = ListToolsResult(tools=tools)

    here = Context(session, forms, inline_limit, tells_paths, folders)

    @asynccontextmanager
    async def lifespan(_: Server[Context]) -> AsyncIterator[Context]:
        yield here

    async def list_tools(asked: Asked, params: PaginatedRequestParams | None) -> ListToolsResult:
        if params and params.cursor is not None:
            raise MCPError(INVALID_PARAMS, "unknown cursor; all tools stand on one page")
        return everything

    answered: dict[str, HandlerResult] = {}

    async def remembered(
        ctx: ServerRequestContext[Context, Any], call_next: CallNext
    ) -> HandlerResult:
        """Validate and write the list of tools once for each version of the protocol."""
        if ctx.method != "tools/list" or (ctx.params or {}).get("cursor") is not None:
            return await call_next(ctx)
        if ctx.protocol_version not in answered:
            answered[ctx.protocol_version] = await call_next(ctx)
        return answered[ctx.protocol_version]

    server = Server(
        "openrouter-connector",
        version=version("openrouter-connector"),
        title=definition.component.title,
        website_url=definition.component.help,
        instructions=_instructions(here),
        lifespan=lifespan,
        cache_hints={"tools/list": _STABLE, "prompts/list": _STABLE},
        get_tool_input_schema=schemas.get,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_completion=complete,
    )
    server.middleware.append(remembered)
    return server
