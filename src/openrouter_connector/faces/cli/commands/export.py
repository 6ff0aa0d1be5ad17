"""`export`: write an action or the component in a format of another program."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ....connections.redact_keys import refuse_keys
from ....errors import InputError, Problem
from ....values import Json, JsonObject
from .. import help_text, shared_options
from ..action_args import requested_step
from ..action_command import use_action_name
from ..connection_args import load_connector, output_folder
from ..run_async import run_async
from ..terminal import note, print_json, print_text
from . import mcp

if TYPE_CHECKING:
    from ....definition.model import Property
    from ....runtime.files.store import FileStore


def configure(parser: ArgumentParser) -> None:
    """Add a subcommand for each format."""
    formats = parser.add_subparsers(metavar="FORMAT", required=True, title="formats")
    for name, (export, summary) in _FORMATS.items():
        subcommand = formats.add_parser(name, help=summary, description=help_text.sentence(summary))
        subcommand.set_defaults(export=export)
        shared_options.add_connector(subcommand)
        if name == "action":
            shared_options.add_action_and_parameters(subcommand)
            subcommand.add_argument("--output", metavar="DIR", help="folder for local files")
        if name == "flow":
            _add_flow_options(subcommand)
        if name == "mcp":
            mcp.add_tool_options(subcommand)
        if name == "json-schema":
            subcommand.add_argument(
                "action", nargs="?", metavar="ACTION", help="name of an action; default: the format"
            )
        of_flow = "print {text, mediaType, scan, removed, notes} or {error} as JSON"
        shared_options.add_json(subcommand, of_flow if name == "flow" else "print errors as JSON")


def run(args: Namespace) -> int:
    """Print the export to stdout."""
    args.export(args)
    return 0


def _action(args: Namespace) -> None:
    from ....definition.exchange import without_secrets, write_action
    from ....runtime.files.store import FileStore

    definition = load_connector(args).definition
    step = requested_step(args, definition)
    action = definition.form(step.action).action
    _check_names(action.properties, step.parameters)
    step = without_secrets(step, action)
    files = FileStore(output_folder(args.output))
    parameters = run_async(_with_stored_files(step.parameters, files))
    exported = write_action(replace(step, parameters=parameters))
    # A prompt may hold a key: an export is meant to be passed on.
    refuse_keys(exported)
    print_json(exported)


def _add_flow_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", metavar="FILE", help="JSON or YAML file of a flow or an action (- for stdin)"
    )
    parser.add_argument(
        "--to",
        dest="format",
        default="bytechef",
        metavar="FORMAT",
        help="bytechef (the default), bytechef_yaml, curl, python or mcp_call",
    )
    parser.add_argument("--step", metavar="NAME", help="export this step alone")


def _flow(args: Namespace) -> None:
    from ....flows.formats.exporters import export_flow
    from ....flows.formats.flow import Flow
    from ..file_or_stdin import read_text

    definition = load_connector(args).definition
    flow = Flow.from_text(read_text(args.file))
    exported = export_flow(flow, args.format, step=args.step, definition=definition)
    if args.json:
        print_json(exported.to_json())
        return
    for problem in (*exported.removed, *exported.notes):
        note(f"note: {problem}")
    note(exported.scan)
    print_text(exported.text, end="" if exported.text.endswith("\n") else "\n")


def _bytechef(args: Namespace) -> None:
    from ....definition.derive.bytechef import bytechef

    print_json(bytechef(load_connector(args).definition))


def _json_schema(args: Namespace) -> None:
    from ....definition.derive.format_schema import format_schemas

    if not args.action:
        print_json(format_schemas())
        return
    definition = load_connector(args).definition
    use_action_name(args, definition.component)
    print_json(definition.form(args.action).schema)


def _mcp(args: Namespace) -> None:
    print_json({"tools": mcp.tools(args, load_connector(args).definition)})


def _docs(args: Namespace) -> None:
    from ....definition.derive.reference import reference

    print_text(reference(load_connector(args).definition), end="")


def _check_names(properties: Sequence[Property], parameters: JsonObject) -> None:
    """Raise InputError for parameters that the action does not have."""
    if problems := list(_unknown_names(properties, parameters, "")):
        raise InputError(problems)


def _unknown_names(properties: Sequence[Property], value: Json, prefix: str) -> Iterator[Problem]:
    from ....suggest import did_you_mean

    if not isinstance(value, dict) or not properties:
        return
    known = {prop.name or "": prop for prop in properties}
    for name, inner in value.items():
        path = f"{prefix}{name}"
        if name not in known:
            yield Problem(path, f"does not exist{did_you_mean(name, known)}")
        else:
            yield from _unknown_names(known[name].properties, inner, f"{path}.")
            items = known[name].items
            for i, item in enumerate(inner if items and isinstance(inner, list) else ()):
                yield from _unknown_names(items.properties if items else (), item, f"{path}[{i}].")


async def _with_stored_files(value: Json, store: FileStore) -> Json:
    """Return a value with each local file stored, and replaced by its FILE_ENTRY."""
    if isinstance(value, Path):
        return (await store.put(value, value.name)).to_json()
    if isinstance(value, dict):
        return {key: await _with_stored_files(item, store) for key, item in value.items()}
    if isinstance(value, list):
        return [await _with_stored_files(item, store) for item in value]
    return value


_FORMATS = {
    "action": (_action, "an action with its parameters, as JSON that can be run again"),
    "flow": (_flow, "a flow for ByteChef, or its steps as curl, Python or MCP calls"),
    "bytechef": (_bytechef, "the component for ByteChef"),
    "json-schema": (
        _json_schema,
        "the JSON Schema of an action, or of the YAML format",
    ),
    "mcp": (_mcp, "the MCP tools"),
    "docs": (_docs, "the reference of all actions in Markdown"),
}
