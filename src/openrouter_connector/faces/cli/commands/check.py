"""`check`: validate a call or a flow and estimate its cost, without sending it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ....connections.redact_keys import redact_keys, redact_keys_in
from ....errors import InputError
from ....values import Call, Json
from .. import help_text, shared_options
from ..action_args import requested_flow, requested_step, with_defaults
from ..connection_args import has_destination, load_connector, open_session
from ..run_async import run_async
from ..terminal import note, print_json, print_text

if TYPE_CHECKING:
    from ....connector import Connector, Session
    from ....definition.exchange import ActionStep
    from ....flows.formats.check import FlowCheck
    from ....flows.formats.flow import Flow
    from ....flows.preflight import FlowPreflight
    from ....runtime.preflight.check import Check

_LONGEST_TEXT = 2000  # characters that are printed of a text in the call


def configure(parser: ArgumentParser) -> None:
    """Add the options of `check`."""
    shared_options.add_action_and_parameters(parser, or_flow=True)
    shared_options.add_json(
        parser,
        "print {ok, problems, warnings, estimate, call}, of a flow {canRun, problems, …}, "
        "or {error} as JSON",
    )
    shared_options.add_call_options(parser)
    shared_options.add_connector(parser)
    parser.epilog = (
        "With a key, --sandbox or --base-url, the limits and prices of the model are looked up\n"
        f"in the catalogue. Otherwise nothing is sent.\n\n{help_text.EXIT_CODES}"
    )


def run(args: Namespace) -> int:
    """Print the call that `run` would send. Raise the errors that `run` would raise before it."""
    connector = load_connector(args)
    if flow := requested_flow(args, connector.definition):
        return _run_flow(args, connector, flow)
    definition = connector.definition
    step = with_defaults(args, requested_step(args, definition), definition.component)
    check = _checked(args, connector, step)
    if args.json and check.ok:
        print_json(check.to_json())
        return 0
    for warning in check.warnings:
        note(f"warning: {warning}")
    if check.estimate:
        note(check.estimate.sentence())
    if not check.ok:
        raise InputError(check.problems)
    if check.call is None:  # for an empty list, of whose items each would be a call
        note(f"No problems found. {step.action} would send no request.")
    else:
        _print_call(step.action, check.call)
    return 0


def _run_flow(args: Namespace, connector: Connector, flow: Flow) -> int:
    """Print what is known of a flow before it runs. InputError lists all that is wrong."""
    from ....flows.formats.check import check_flow

    found: FlowCheck | FlowPreflight
    estimate = ""
    if has_destination(args, connector):
        preflight = run_async(_flow_checked_online(open_session(args, connector), flow))
        found, estimate = preflight, preflight.estimate.text()
    else:
        found = check_flow(flow, connector.definition)
    if args.json and found.can_run:
        print_json(redact_keys_in(found.to_json()))
        return 0
    for warning in found.warnings:
        note(redact_keys(f"warning: {warning}"))
    if not found.can_run:
        raise InputError(found.obstacles)
    count = len(flow.steps)
    print_text(f"No problems found in {count} {'step' if count == 1 else 'steps'}.")
    if estimate:
        print_text(estimate)
    else:
        note("There is no connection, so the models were not checked and the cost is not known.")
    return 0


async def _flow_checked_online(session: Session, flow: Flow) -> FlowPreflight:
    from ....flows.preflight import check_flow_costs

    async with session:
        return await check_flow_costs(flow, session)


def _checked(args: Namespace, connector: Connector, step: ActionStep) -> Check:
    if has_destination(args, connector):
        return run_async(_checked_online(open_session(args, connector), step))
    return connector.check(step.action, step.parameters)


async def _checked_online(session: Session, step: ActionStep) -> Check:
    async with session:
        return await session.check(step.action, step.parameters)


def _print_call(action: str, checked: Call) -> None:
    from ....runtime.preflight.check import call_json

    call = call_json(checked)
    note(f"No problems found. {action} would send this request:")
    query = "&".join(f"{key}={value}" for key, value in call["query"].items())
    print_text(f"{call['method']} {call['path']}{'?' if query else ''}{query}")
    if call["body"] is not None:
        print_json(_shortened(call["body"]))


def _shortened(value: Json) -> Json:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:_LONGEST_TEXT]}… ({len(value) - _LONGEST_TEXT} more characters)"
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return [_shortened(item) for item in value] if isinstance(value, list) else value
