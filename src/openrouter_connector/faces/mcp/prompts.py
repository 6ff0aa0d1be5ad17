"""Prompts: a person's way to a tool, with completion of what may stand in its arguments.

Hosts show them as commands. What a person fills in becomes a message that asks the agent to call
the tool with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)

from ...connections.redact_keys import redact_keys
from ...definition.form import Form
from ...definition.model import Property
from ...errors import InputError
from ...suggest import did_you_mean
from .context import Asked, Context
from .pages import page
from .tools import unseen

_PLAIN = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "FILE_ENTRY")


async def list_prompts(asked: Asked, params: PaginatedRequestParams | None) -> ListPromptsResult:
    """List a prompt for each tool."""
    here = asked.lifespan_context
    prompts = [_prompt(tool, form, here) for tool, form in here.forms.items()]
    shown, more = page(prompts, params)
    return ListPromptsResult(prompts=shown, next_cursor=more)


async def get_prompt(asked: Asked, params: GetPromptRequestParams) -> GetPromptResult:
    """Give the message; MCPError lists the arguments that are missing or unknown."""
    here, given = asked.lifespan_context, params.arguments or {}
    try:
        form = here.form(params.name)
    except InputError as error:
        raise MCPError(INVALID_PARAMS, redact_keys(error.message)) from error
    known = {prop.name or "": _is_demanded(prop) for prop in _asked_for(form, here)}
    told = [f"{name} is missing" for name, needed in known.items() if needed and name not in given]
    told += [f"{name} is unknown{did_you_mean(name, known)}" for name in given if name not in known]
    if told:
        raise MCPError(INVALID_PARAMS, f"{params.name}: {'; '.join(told)}")
    arguments = json.dumps(given, ensure_ascii=False)
    text = f"Call the tool {params.name} with these arguments: {arguments}"
    message = PromptMessage(role="user", content=TextContent(text=text))
    return GetPromptResult(description=form.action.title, messages=[message])


def _prompt(tool: str, form: Form, here: Context) -> Prompt:
    arguments = [
        PromptArgument(
            name=prop.name or "",
            title=prop.label,
            description=prop.description,
            required=_is_demanded(prop),
        )
        for prop in _asked_for(form, here)
    ]
    return Prompt(
        name=tool,
        title=form.action.title,
        description=form.action.description,
        arguments=arguments,
    )


def _asked_for(form: Form, here: Context) -> Iterator[Property]:
    """Give what a person is asked for: the fields of the form as it opens that a line can hold."""
    hidden = unseen(here.session.definition, form.action)
    for prop in form.action.properties:
        fits_a_line = prop.type in _PLAIN and not prop.advanced_option
        if fits_a_line and prop.name not in hidden and form.holds(prop, form.defaults):
            yield prop


def _is_demanded(prop: Property) -> bool:
    return prop.required and prop.default_value is None
