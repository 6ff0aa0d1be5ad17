"""`completion/complete`: what may stand in an argument of a prompt, or in an address."""

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
from .context import Asked, Context
from .resources import models
from .tools import unseen

MOST = 100  # values in one answer, by the protocol


async def complete(asked: Asked, params: CompleteRequestParams) -> CompleteResult:
    """Give what begins or contains what was typed; nothing where nothing is known."""
    here, name, typed = asked.lifespan_context, params.argument.name, params.argument.value
    given = (params.context.arguments if params.context else None) or {}
    try:
        if isinstance(params.ref, PromptReference):
            found = await _offered(here, params.ref.name, name, typed, given)
        else:
            found = await _of_address(here, params.ref, name, typed, given)
    except InputError:  # no such tool, or an argument that takes anything
        found = []
    shown = found[:MOST]
    more = len(found) > MOST
    return CompleteResult(completion=Completion(values=shown, total=len(found), has_more=more))


async def _offered(
    here: Context, tool: str, argument: str, typed: str, given: Mapping[str, str]
) -> list[str]:
    """Give the values of an argument of a tool, as the dropdown of the form has them."""
    form = here.form(tool)
    name, parameters = form.action.name, dict(given)
    choices = await here.session.options(name, argument, parameters, search=typed)
    return [_written(option["value"]) for option in choices.options]


async def _of_address(
    here: Context,
    ref: ResourceTemplateReference,
    name: str,
    typed: str,
    given: Mapping[str, str],
) -> list[str]:
    match ref.uri.removeprefix("openrouter://").partition("{")[0], name:
        case "models/", "author":
            return _matching((author for author, _ in await _slugs(here)), typed)
        case "models/", "slug":
            wanted = given.get("author")
            slugs = (slug for author, slug in await _slugs(here) if wanted in (None, author))
            return _matching(slugs, typed)
        case "files/", "id":
            return _matching(reversed(here.made), typed)
        case "options/", "tool":
            return _matching(here.forms, typed)
        case "options/", "argument":
            return _matching(_arguments(here, given.get("tool", "")), typed)
        case "options/", "model":
            return await _offered(here, given.get("tool", ""), "model", typed, {})
    return []


async def _slugs(here: Context) -> list[tuple[str, str]]:
    found = await models(here)
    pairs = (_written(option["value"]).partition("/") for option in found.options)
    return [(author, slug) for author, _, slug in pairs if slug]


def _arguments(here: Context, tool: str) -> Iterable[str]:
    """Name the arguments of a tool that have options."""
    form = here.form(tool)
    hidden = unseen(here.session.definition, form.action)
    return [p.name for p in form.action.properties if p.name and _has_options(p, hidden)]


def _has_options(prop: Property, hidden: frozenset[str]) -> bool:
    limited = prop.model_limits is not None and prop.model_limits.options is not None
    return prop.name not in hidden and (prop.options is not None or limited)


def _matching(values: Iterable[str], typed: str) -> list[str]:
    wanted = typed.lower()
    found = [value for value in dict.fromkeys(values) if wanted in value.lower()]
    return sorted(found, key=lambda value: not value.lower().startswith(wanted))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else to_plain_text(str(value))
