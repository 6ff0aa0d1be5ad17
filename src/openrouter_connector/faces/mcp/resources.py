"""Resources: the catalogue of models, what a field of a tool offers, and the files that were made.

openrouter://models{?search}                         a line for each model
openrouter://models/{author}/{slug}                  all that is known of one
openrouter://options/{tool}/{argument}{?search,model}  what may stand there, as a dropdown has it
openrouter://files/{id}                              a file of the store
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
from ...errors import ConnectorError
from ...plain_json import to_plain_json
from ...runtime.files import media_types
from ...values import Choices, FileEntry, JsonObject
from .content import whole
from .context import Asked, Context
from .files import SCHEME, uri
from .pages import page

READABLE = 8 * 1024 * 1024  # bytes of a file that is read as a resource

MODELS = "openrouter://models"
_SOURCE = "models"
_EVERY = {"outputModalities": ["all"]}
_JSON = "application/json"

TEMPLATES = [
    ResourceTemplate(
        name="search-models",
        title="Search the models",
        uri_template=f"{MODELS}{{?search}}",
        description="The models in whose name or id every word of the search occurs.",
        mime_type=_JSON,
    ),
    ResourceTemplate(
        name="model",
        title="A model",
        uri_template=f"{MODELS}/{{author}}/{{slug}}",
        description="What is known of one model: prices, context, modalities, parameters.",
        mime_type=_JSON,
    ),
    ResourceTemplate(
        name="options",
        title="What an argument offers",
        uri_template="openrouter://options/{tool}/{argument}{?search,model}",
        description="The models, voices, sizes or providers that may stand in an argument of a "
        "tool; further arguments that they depend on go into the query.",
        mime_type=_JSON,
    ),
    ResourceTemplate(
        name="file",
        title="A file",
        uri_template=f"{SCHEME}{{id}}",
        description="A file that a tool made.",
    ),
]


async def list_resources(
    asked: Asked, params: PaginatedRequestParams | None
) -> ListResourcesResult:
    """List the catalogue and the files that this server made, the newest first."""
    here = asked.lifespan_context
    files = [_listed(file_id, entry) for file_id, entry in reversed(here.made.items())]
    known = [_CATALOGUE, *files] if lister(here) else files
    shown, more = page(known, params)
    return ListResourcesResult(resources=shown, next_cursor=more)


async def list_templates(
    asked: Asked, params: PaginatedRequestParams | None
) -> ListResourceTemplatesResult:
    """List the kinds of address that can be read."""
    shown, more = page(TEMPLATES, params)
    return ListResourceTemplatesResult(resource_templates=shown, next_cursor=more)


async def read_resource(asked: Asked, params: ReadResourceRequestParams) -> ReadResourceResult:
    """Read what an address names; MCPError says why it cannot be read."""
    here, address = asked.lifespan_context, params.uri
    try:
        parts = urlsplit(address)
        if parts.scheme == "openrouter" and parts.netloc == "files":
            return await _file(here, address)
        return _as_json(address, await _looked_up(here, parts))
    except ConnectorError as error:
        raise unreadable(address, redact_keys(error.message)) from error
    except ValueError as error:
        raise unreadable(address, "there is nothing of that name") from error


def unreadable(address: str, why: str) -> MCPError:
    """Give the error for an address that cannot be read."""
    return MCPError(
        INVALID_PARAMS, f"{address[:200]} cannot be read: {why}", {"uri": address[:200]}
    )


def lister(here: Context) -> tuple[str, str] | None:
    """Find an action and a property of it whose options are the catalogue of models."""
    definition = here.session.definition
    for name in definition.component.actions:
        for prop in definition.form(name).action.properties:
            if isinstance(prop.options, OptionsSource) and prop.options.from_ == _SOURCE:
                return name, prop.name or ""
    return None


async def models(here: Context, search: str = "") -> Choices:
    """Give all models, whatever their output."""
    found = lister(here)
    if found is None:
        return Choices((), message="this component takes no models")
    source = here.session.definition.sources[_SOURCE]
    known = {one.name for one in source.filters}
    filters = {name: value for name, value in _EVERY.items() if name in known}
    return await here.session.options(*found, search=search, filters=filters)


async def _looked_up(here: Context, parts: SplitResult) -> JsonObject:
    query = dict(parse_qsl(parts.query))
    steps = [unquote(step) for step in parts.path.split("/")[1:]]
    search = query.pop("search", "")
    match parts.scheme, parts.netloc, steps:
        case "openrouter", "models", []:
            found = await models(here, search)
            return {"models": [_line(one) for one in found.options], "message": found.message}
        case "openrouter", "models", [author, slug]:
            return await _model(here, f"{author}/{slug}")
        case "openrouter", "options", [tool, argument]:
            form = here.form(tool)
            name = form.action.name
            told = await here.session.options(name, argument, query, search=search)
            return told.to_json()
    raise ValueError(parts.path)


async def _model(here: Context, name: str) -> JsonObject:
    found = await models(here)
    for one in found.options:
        if one["value"] == name:
            return {
                "id": name,
                "name": one["label"],
                "about": one.get("description"),
                **one["details"],
            }
    raise unreadable(f"{MODELS}/{name}", found.message or "there is no such model")


def _line(option: JsonObject) -> JsonObject:
    details = option.get("details") or {}
    return {
        "id": option["value"],
        "name": option["label"],
        "about": option.get("description"),
        "takes": details.get("inputModalities"),
        "gives": details.get("outputModalities"),
    }


async def _file(here: Context, address: str) -> ReadResourceResult:
    file = await here.session.files.find(unquote(address.removeprefix(SCHEME)))
    if file is None:
        raise unreadable(address, "there is no such file (any more)")
    if file.size > READABLE:
        most = READABLE // 1024**2
        raise unreadable(address, f"it has {file.size} bytes, and up to {most} MB are read here")
    content, kind = await whole(file), file.entry.mime_type
    if media_types.is_text(file.entry):
        text = content.decode(errors="replace")
        told = TextResourceContents(uri=address, mime_type=kind, text=text)
        return ReadResourceResult(contents=[told])
    blob = b64encode(content).decode()
    return ReadResourceResult(
        contents=[BlobResourceContents(uri=address, mime_type=kind, blob=blob)]
    )


def _as_json(address: str, told: JsonObject) -> ReadResourceResult:
    text = json.dumps(to_plain_json(told), ensure_ascii=False)
    return ReadResourceResult(
        contents=[TextResourceContents(uri=address, mime_type=_JSON, text=text)]
    )


def _listed(file_id: str, entry: FileEntry) -> Resource:
    return Resource(name=entry.name, uri=uri(file_id), mime_type=entry.mime_type)


_CATALOGUE = Resource(
    name="models",
    title="The models",
    uri=MODELS,
    description="All models, with prices, context and modalities; a line for each.",
    mime_type=_JSON,
)
