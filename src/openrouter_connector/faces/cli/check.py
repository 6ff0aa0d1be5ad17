"""`check`: everything that can be told about a call before it is paid for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ...values import Call, Embedded, Json, JsonObject
from . import parser as shared
from .connection import completed, folder, has_place, load, session
from .parameters import requested
from .terminal import note, print_json, print_text

if TYPE_CHECKING:
    from ...connector import Session
    from ...definition.form import Form
    from ...workflows.action_json import ActionStep

_LONGEST = 2000  # characters of a text that is shown to a person


def configure(parser: ArgumentParser) -> None:
    """Add the options of `check`."""
    shared.add_parameters(parser)
    shared.add_json(parser, "print {ok, call, warnings} or {error} as one JSON object")
    shared.add_calls(parser)
    shared.add_connector(parser)
    parser.epilog = (
        "The model's own limits are looked up in the catalogue where there is a key, --sandbox or\n"
        f"--base-url; without one nothing is asked.\n\n{shared.EXIT_CODES}"
    )


def run(args: Namespace) -> int:
    """Print the call that would be sent; raises what `run` would raise before it pays."""
    connector = load(args)
    step = requested(args, connector.definition)
    if has_place(args):
        call, unasked = completed(_checked(session(args, connector), step)), []
    else:
        call = connector.check(step.action, step.parameters, folder(args.output_dir))
        unasked = _unasked(connector.definition.form(step.action), step.parameters)
    warnings = [*call.warnings, *unasked]
    if args.json:
        print_json({"ok": True, "call": _shown(call), "warnings": warnings})
        return 0
    for warning in warnings:
        note(f"warning: {warning}")
    note(f"{step.action} can be sent; this is the call:")
    query = "&".join(f"{key}={value}" for key, value in call.query.items())
    print_text(f"{call.method} {call.path}{'?' if query else ''}{query}")
    if call.body is not None:
        print_json(_shortened(_plain(call.body)))
    return 0


async def _checked(session: Session, step: ActionStep) -> Call:
    async with session:
        return await session.check(step.action, step.parameters)


def _unasked(form: Form, parameters: JsonObject) -> list[str]:
    """Say what is not known when the catalogue was not asked, if the call depends on it."""
    wanted = form.action.facts
    if not any(one.condition is None or one.condition.holds(parameters) for one in wanted):
        return []
    return [
        "the catalogue was not asked, since there is no key: what the model takes is not known, "
        "and the call may take another form (give --sandbox, a key or --base-url)"
    ]


def _shown(call: Call) -> JsonObject:
    """Give a call as JSON, its files by name and size."""
    return {
        "method": call.method,
        "path": call.path,
        "query": dict(call.query),
        "body": _plain(call.body),
    }


def _plain(value: Json) -> Json:
    if isinstance(value, Embedded):
        return f"{value.prefix}<{_size(value.file.size)} of {value.file.entry.name}>"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _size(size: int) -> str:
    for unit, of in (("MB", 1_000_000), ("kB", 1000)):
        if size >= of:
            return f"{size / of:.0f} {unit}"
    return f"{size} bytes"


def _shortened(value: Json) -> Json:
    if isinstance(value, str) and len(value) > _LONGEST:
        return f"{value[:_LONGEST]}… ({len(value) - _LONGEST} more characters)"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return [_shortened(item) for item in value] if isinstance(value, list) else value
