"""Offer each tool as a prompt too, with completion of its arguments.

Hosts show prompts as commands. What a user fills in becomes a message that asks the agent to call
the tool with these arguments.
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
from .context import Context, RequestContext
from .pagination import page
from .tools import hidden_properties

_SINGLE_LINE_TYPES = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "FILE_ENTRY")


async def list_prompts(
    ctx: RequestContext, params: PaginatedRequestParams | None
) -> ListPromptsResult:
    """List a prompt for each tool."""
    context = ctx.lifespan_context
    prompts = [_prompt(tool, form, context) for tool, form in context.forms.items()]
    shown, cursor = page(prompts, params)
    return ListPromptsResult(prompts=shown, next_cursor=cursor)


async def get_prompt(ctx: RequestContext, params: GetPromptRequestParams) -> GetPromptResult:
    """Return the message of a prompt. MCPError lists missing and unknown arguments."""
    context, arguments = ctx.lifespan_context, params.arguments or {}
    try:
        form = context.form(params.name)
    except InputError as error:
        raise MCPError(INVALID_PARAMS, redact_keys(error.message)) from error
    known = {prop.name or "": _is_required(prop) for prop in _prompt_fields(form, context)}
    missing = [n for n, required in known.items() if required and n not in arguments]
    problems = [f"{n} is missing" for n in missing]
    problems += [f"{n} is unknown{did_you_mean(n, known)}" for n in arguments if n not in known]
    if problems:
        raise MCPError(INVALID_PARAMS, f"{params.name}: {'; '.join(problems)}")
    text = (
        f"Call the tool {params.name} with these arguments: "
        f"{json.dumps(arguments, ensure_ascii=False)}"
    )
    message = PromptMessage(role="user", content=TextContent(text=text))
    return GetPromptResult(description=form.action.title, messages=[message])


def _prompt(tool: str, form: Form, context: Context) -> Prompt:
    arguments = [
        PromptArgument(
            name=prop.name or "",
            title=prop.label,
            description=prop.description,
            required=_is_required(prop),
        )
        for prop in _prompt_fields(form, context)
    ]
    return Prompt(
        name=tool,
        title=form.action.title,
        description=form.action.description,
        arguments=arguments,
    )


def _prompt_fields(form: Form, context: Context) -> Iterator[Property]:
    """Yield the fields of a prompt: those of the empty form whose values fit into one line."""
    hidden = hidden_properties(context.session.definition, form.action)
    for prop in form.action.properties:
        fits = prop.type in _SINGLE_LINE_TYPES and not prop.advanced_option
        if fits and prop.name not in hidden and form.holds(prop, form.defaults):
            yield prop


def _is_required(prop: Property) -> bool:
    return prop.required and prop.default_value is None
