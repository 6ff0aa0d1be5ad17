"""Build the server: tools, resources and prompts on one open session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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
from .context import INLINE_LIMIT, Context, RequestContext
from .flow_runs import FlowRuns
from .flow_tools import FlowTool, list_flow_tools
from .prompts import get_prompt, list_prompts
from .resources import list_resources, list_templates, model_property, read_resource
from .tools import list_tools

ListTools = Callable[[RequestContext, PaginatedRequestParams | None], Awaitable[ListToolsResult]]

_STABLE = CacheHint(ttl_ms=3_600_000, scope="public")  # the lists never change while we run

_MODELS = """\
Model names look like `author/slug`. List them with openrouter://models, or \
openrouter://models?search=words."""
_FLOWS = """\
Flows of several steps, which the user made: {}. What a run finished is kept when it fails."""
_FILES_AND_OPTIONS = """\
List the options of an argument (models, voices, sizes) with \
openrouter://options/{tool}/{argument}?model=…
Name a file by the openrouter://files/… URI that a tool returned, a data: URL, or a public http(s) \
URL. A path works only in a folder that the user allowed (--allow-dir, or roots).
Every result ends with the model that answered and the cost in USD. The structured content has \
more details."""


def _instructions(context: Context) -> str:
    """Return what an agent should know of the tools; models only where the component lists some."""
    title = context.session.definition.component.title
    about = f"{title}: each tool is one operation of its API, and may cost money."
    models = [_MODELS] if model_property(context) else []
    flows = [_FLOWS.format(", ".join(context.flows))] if context.flows else []
    return "\n".join([about, *flows, *models, _FILES_AND_OPTIONS])


def create_server(
    session: Session,
    forms: Mapping[str, Form],
    *,
    inline_limit: int = INLINE_LIMIT,
    show_paths: bool = False,
    folders: tuple[Path, ...] = (),
    flows: Mapping[str, FlowTool] | None = None,
    runs: FlowRuns | None = None,
) -> Server[Context]:
    """Return the server for a session, which must be open while the server runs.

    `forms` are the actions by the names of their tools (see `tools.choose_tools`). A result holds
    up to `inline_limit` bytes of images and audio; `show_paths` adds the paths of files to results.
    Calls may name files in `folders` by their paths. `flows` are tools too, and run in `runs`.
    """
    component = session.definition.component
    context = Context(session, forms, inline_limit, show_paths, folders, flows or {}, runs)
    listed = [*list_flow_tools(context.flows), *list_tools(session.definition, forms)]
    tools = [Tool.model_validate(tool) for tool in listed]
    server = Server(
        "openrouter-connector",
        version=version("openrouter-connector"),
        title=component.title,
        website_url=component.help,
        instructions=_instructions(context),
        lifespan=_lifespan(context),
        cache_hints={"tools/list": _STABLE, "prompts/list": _STABLE},
        get_tool_input_schema={tool.name: tool.input_schema for tool in tools}.get,
        on_list_tools=_on_list_tools(tools),
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_completion=complete,
    )
    server.middleware.append(_ToolListCache())
    return server


def _lifespan(
    context: Context,
) -> Callable[[Server[Context]], AbstractAsyncContextManager[Context]]:
    @asynccontextmanager
    async def lifespan(_: Server[Context]) -> AsyncIterator[Context]:
        yield context

    return lifespan


def _on_list_tools(tools: list[Tool]) -> ListTools:
    result = ListToolsResult(tools=tools)

    async def on_list_tools(
        ctx: RequestContext, params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        if params and params.cursor is not None:
            raise MCPError(INVALID_PARAMS, "unknown cursor; all tools are on the first page")
        return result

    return on_list_tools


class _ToolListCache:
    """Validates and encodes the list of tools once for each version of the protocol.

    The SDK would do so for every `tools/list`, and the list has some hundred kilobytes.
    """

    def __init__(self) -> None:
        self._results: dict[str, HandlerResult] = {}

    async def __call__(
        self, ctx: ServerRequestContext[Context, Any], call_next: CallNext
    ) -> HandlerResult:
        """Return the cached list; pass on all other requests."""
        if ctx.method != "tools/list" or (ctx.params or {}).get("cursor") is not None:
            return await call_next(ctx)
        if ctx.protocol_version not in self._results:
            self._results[ctx.protocol_version] = await call_next(ctx)
        return self._results[ctx.protocol_version]
