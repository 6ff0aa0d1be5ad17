"""Offer resources: the catalogue of models, the options of arguments, and created files.

openrouter://models{?search}                           one line for each model
openrouter://models/{author}/{slug}                    everything known about one model
openrouter://options/{tool}/{argument}{?search,model}  the options of an argument
openrouter://tools{?search}                            the tools that words find
openrouter://files/{id}                                a file of the store
"""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    BlobResourceContents,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from ...connections.redact_keys import redact_keys
from ...definition.model import OptionsSource
from ...definition.search import is_found
from ...errors import ConnectorError
from ...plain_json import to_plain_json
from ...runtime.files import media_types
from ...values import Choices, FileEntry, JsonObject
from .context import Context, RequestContext
from .files import SCHEME, uri
from .pagination import page
from .result_content import read_file

LARGEST_FILE = 8 * 1024 * 1024  # bytes of a file that can be read as a resource

MODELS = "openrouter://models"
_SOURCE = "models"
_ALL_MODALITIES = {"outputModalities": ["all"]}
_JSON = "application/json"

TEMPLATES = [
    ResourceTemplate(
        name="search-models",
        title="Search models",
        uri_template=f"{MODELS}{{?search}}",
        description="The models whose name or id contains every word of the search.",
        mime_type=_JSON,
    ),
    ResourceTemplate(
        name="model",
        title="Model",
        uri_template=f"{MODELS}/{{author}}/{{slug}}",
        description="One model: its prices, context length, modalities and parameters.",
        mime_type=_JSON,
    ),
    ResourceTemplate(
        name="options",
        title="Options of an argument",
        uri_template="openrouter://options/{tool}/{argument}{?search,model}",
        description="The models, voices, sizes or providers that an argument of a tool accepts. "
        "Add other arguments that they depend on to the query.",
        mime_type=_JSON,
    ),
    ResourceTemplate(
        name="search-tools",
        title="Search tools",
        uri_template="openrouter://tools{?search}",
        description="The tools that all words of the search find, also everyday words such as tts.",
        mime_type=_JSON,
    ),
    ResourceTemplate(
        name="file",
        title="File",
        uri_template=f"{SCHEME}{{id}}",
        description="A file that a tool created.",
    ),
]


async def list_resources(
    ctx: RequestContext, params: PaginatedRequestParams | None
) -> ListResourcesResult:
    """List the catalogue, and the files that this server created, the newest first."""
    context = ctx.lifespan_context
    files = [_resource(file_id, entry) for file_id, entry in reversed(context.files.items())]
    resources = [_CATALOGUE, *files] if model_property(context) else files
    shown, cursor = page(resources, params)
    return ListResourcesResult(resources=shown, next_cursor=cursor)


async def list_templates(
    ctx: RequestContext, params: PaginatedRequestParams | None
) -> ListResourceTemplatesResult:
    """List the URI templates of resources."""
    shown, cursor = page(TEMPLATES, params)
    return ListResourceTemplatesResult(resource_templates=shown, next_cursor=cursor)


async def read_resource(
    ctx: RequestContext, params: ReadResourceRequestParams
) -> ReadResourceResult:
    """Read a resource. MCPError says why it cannot be read."""
    context, address = ctx.lifespan_context, params.uri
    try:
        parts = urlsplit(address)
        if parts.scheme == "openrouter" and parts.netloc == "files":
            return await _file(context, address)
        return _as_json(address, await _look_up(context, parts))
    except ConnectorError as error:
        raise unreadable(address, redact_keys(error.message)) from error
    except ValueError as error:
        raise unreadable(address, "this resource does not exist") from error


def unreadable(address: str, reason: str) -> MCPError:
    """Return the error for a resource that cannot be read."""
    return MCPError(
        INVALID_PARAMS, f"cannot read {address[:200]}: {reason}", {"uri": address[:200]}
    )


def model_property(context: Context) -> tuple[str, str] | None:
    """Return an action and a property of it whose options are all models; None without one."""
    definition = context.session.definition
    for name in definition.component.actions:
        for prop in definition.form(name).action.properties:
            if isinstance(prop.options, OptionsSource) and prop.options.from_ == _SOURCE:
                return name, prop.name or ""
    return None


async def list_models(context: Context, search: str = "") -> Choices:
    """Return all models, whatever their output."""
    found = model_property(context)
    if found is None:
        return Choices((), message="this component has no models")
    source = context.session.definition.sources[_SOURCE]
    declared = {source_filter.name for source_filter in source.filters}
    # By default the API lists only models with text output.
    filters = {name: value for name, value in _ALL_MODALITIES.items() if name in declared}
    return await context.session.options(*found, search=search, filters=filters)


async def _look_up(context: Context, parts: SplitResult) -> JsonObject:
    query = dict(parse_qsl(parts.query))
    steps = [unquote(step) for step in parts.path.split("/")[1:]]
    search = query.pop("search", "")
    match parts.scheme, parts.netloc, steps:
        case "openrouter", "models", []:
            models = await list_models(context, search)
            lines = [_line(option) for option in models.options]
            return {"models": lines, "message": models.message}
        case "openrouter", "models", [author, slug]:
            return await _model(context, f"{author}/{slug}")
        case "openrouter", "tools", []:
            return {"tools": _tools(context, search)}
        case "openrouter", "options", [tool, argument]:
            name = context.form(tool).action.name
            choices = await context.session.options(name, argument, query, search=search)
            return choices.to_json()
    raise ValueError(parts.path)


def _tools(context: Context, words: str) -> list[JsonObject]:
    return [
        {"name": name, "title": form.action.title, "about": form.action.description}
        for name, form in context.forms.items()
        if is_found(form.action, words)
    ]


async def _model(context: Context, name: str) -> JsonObject:
    models = await list_models(context)
    for option in models.options:
        if option["value"] == name:
            return {
                "id": name,
                "name": option["label"],
                "about": option.get("description"),
                **option["details"],
            }
    raise unreadable(f"{MODELS}/{name}", models.message or "this model does not exist")


def _line(option: JsonObject) -> JsonObject:
    details = option.get("details") or {}
    return {
        "id": option["value"],
        "name": option["label"],
        "about": option.get("description"),
        "takes": details.get("inputModalities"),
        "gives": details.get("outputModalities"),
    }


async def _file(context: Context, address: str) -> ReadResourceResult:
    file = await context.session.files.find(unquote(address.removeprefix(SCHEME)))
    if file is None:
        raise unreadable(address, "this file does not exist, or no longer exists")
    if file.size > LARGEST_FILE:
        limit = LARGEST_FILE // 1024**2
        raise unreadable(address, f"the file has {file.size} bytes; the limit is {limit} MB")
    content, kind = await read_file(file), file.entry.mime_type
    if media_types.is_text(file.entry):
        text = content.decode(errors="replace")
        contents = TextResourceContents(uri=address, mime_type=kind, text=text)
        return ReadResourceResult(contents=[contents])
    blob = b64encode(content).decode()
    return ReadResourceResult(
        contents=[BlobResourceContents(uri=address, mime_type=kind, blob=blob)]
    )


def _as_json(address: str, value: JsonObject) -> ReadResourceResult:
    text = json.dumps(to_plain_json(value), ensure_ascii=False)
    return ReadResourceResult(
        contents=[TextResourceContents(uri=address, mime_type=_JSON, text=text)]
    )


def _resource(file_id: str, entry: FileEntry) -> Resource:
    return Resource(name=entry.name, uri=uri(file_id), mime_type=entry.mime_type)


_CATALOGUE = Resource(
    name="models",
    title="Models",
    uri=MODELS,
    description="All models in one line each, with prices, context length and modalities.",
    mime_type=_JSON,
)
