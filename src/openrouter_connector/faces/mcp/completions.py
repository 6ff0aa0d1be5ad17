"""Handle `completion/complete`: suggest values for an argument of a prompt or a resource URI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mcp_types import (
    CompleteRequestParams,
    CompleteResult,
    Completion,
    PromptReference,
    ResourceTemplateReference,
)

from ...definition.model import Property
from ...errors import InputError
from ...plain_json import to_plain_text
from .context import Context, RequestContext
from .resources import list_models
from .tools import hidden_properties

MAX_VALUES = 100  # in one response; a limit of the protocol


async def complete(ctx: RequestContext, params: CompleteRequestParams) -> CompleteResult:
    """Return the values that contain the typed text; none for an argument without options."""
    context, name, typed = ctx.lifespan_context, params.argument.name, params.argument.value
    others = (params.context.arguments if params.context else None) or {}
    try:
        if isinstance(params.ref, PromptReference):
            values = await _options(context, params.ref.name, name, typed, others)
        else:
            values = await _uri_values(context, params.ref, name, typed, others)
    except InputError:  # an unknown tool, or an argument without options
        values = []
    shown = values[:MAX_VALUES]
    more = len(values) > MAX_VALUES
    return CompleteResult(completion=Completion(values=shown, total=len(values), has_more=more))


async def _options(
    context: Context, tool: str, argument: str, typed: str, others: Mapping[str, str]
) -> list[str]:
    """Return the options of a tool's argument, as the dropdown of the form lists them."""
    form = context.form(tool)
    name, parameters = form.action.name, dict(others)
    choices = await context.session.options(name, argument, parameters, search=typed)
    return [_as_text(option["value"]) for option in choices.options]


async def _uri_values(
    context: Context,
    ref: ResourceTemplateReference,
    name: str,
    typed: str,
    others: Mapping[str, str],
) -> list[str]:
    match ref.uri.removeprefix("openrouter://").partition("{")[0], name:
        case "models/", "author":
            return _matching((author for author, _ in await _slugs(context)), typed)
        case "models/", "slug":
            selected = others.get("author")
            slugs = (s for author, s in await _slugs(context) if selected in (None, author))
            return _matching(slugs, typed)
        case "files/", "id":
            return _matching(reversed(context.files), typed)
        case "options/", "tool":
            return _matching(context.forms, typed)
        case "options/", "argument":
            return _matching(_arguments(context, others.get("tool", "")), typed)
        case "options/", "model":
            return await _options(context, others.get("tool", ""), "model", typed, {})
    return []


async def _slugs(context: Context) -> list[tuple[str, str]]:
    models = await list_models(context)
    pairs = (_as_text(option["value"]).partition("/") for option in models.options)
    return [(author, slug) for author, _, slug in pairs if slug]


def _arguments(context: Context, tool: str) -> Iterable[str]:
    """Return the arguments of a tool that have options."""
    form = context.form(tool)
    hidden = hidden_properties(context.session.definition, form.action)
    return [p.name for p in form.action.properties if p.name and _has_options(p, hidden)]


def _has_options(prop: Property, hidden: frozenset[str]) -> bool:
    limited = prop.model_limits is not None and prop.model_limits.options is not None
    has_own = prop.options is not None or bool(prop.suggestions)
    return prop.name not in hidden and (has_own or limited)


def _matching(values: Iterable[str], typed: str) -> list[str]:
    search = typed.lower()
    found = [value for value in dict.fromkeys(values) if search in value.lower()]
    return sorted(found, key=lambda value: not value.lower().startswith(search))


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else to_plain_text(str(value))
