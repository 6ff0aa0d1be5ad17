"""`check`: everything that can be told about a call before it is paid for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any, NoReturn

from ...errors import UnavailableError
from ...values import Call, Embedded, Json, JsonObject
from . import parser as shared
from .connection import completed, has_place, load, open_session, session
from .parameters import requested, stored
from .terminal import note, print_json, print_text

if TYPE_CHECKING:
    from ...connector import Connector, Session
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
    asks = has_place(args)
    opened = session(args, connector) if asks else _unconnected(args, connector)
    call, warnings = completed(_checked(opened, connector, step, asks=asks))
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


async def _checked(
    session: Session, connector: Connector, step: ActionStep, *, asks: bool
) -> tuple[Call, list[str]]:
    form = connector.definition.form(step.action)
    parameters = await stored(step.parameters, session.files)
    accepted = form.accept(parameters)
    async with session:
        call = await session.check(step.action, parameters)
    unasked = [] if asks else _unasked(form, accepted.values)
    return call, list(dict.fromkeys([*accepted.warnings, *call.warnings, *unasked]))


def _unasked(form: Form, values: JsonObject) -> list[str]:
    wanted = form.action.facts
    if not any(one.condition is None or one.condition.holds(values) for one in wanted):
        return []
    return [
        "the catalogue was not asked, since there is no key: what the model takes is not known, "
        "and the call may take another form (give --sandbox, a key or --base-url)"
    ]


def _unconnected(args: Namespace, connector: Connector) -> Session:
    base_url, shut = connector.definition.component.base_url, _Shut()
    return open_session(args, connector, base_url=base_url, backend=shut, attempts=1)


class _Shut:
    """The way out when nothing may be asked: the catalogue does without, nothing leaves."""

    async def handle_async_request(self, request: Any) -> NoReturn:
        raise UnavailableError("nothing is asked")

    async def aclose(self) -> None:
        """Close nothing."""


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
