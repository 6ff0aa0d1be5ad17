"""`export`: an action or the definition, as others read it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ....connections.redact_keys import refuse_keys
from ....errors import InputError, Problem
from ....values import Json, JsonObject
from .. import parser as shared
from ..connection_args import completed, folder, load
from ..parameters import requested
from ..terminal import print_json, print_text
from . import mcp

if TYPE_CHECKING:
    from ....definition.model import Property
    from ....runtime.files.store import FileStore


def configure(parser: ArgumentParser) -> None:
    """Add what can be exported."""
    kinds = parser.add_subparsers(metavar="WHAT", required=True, title="what")
    for name, (run, about) in _KINDS.items():
        kind = kinds.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        kind.set_defaults(export=run)
        shared.add_connector(kind)
        if name == "action":
            shared.add_parameters(kind)
            kind.add_argument("--output-dir", metavar="DIR", help="where local files are kept")
        if name == "mcp":
            mcp.add_choice(kind)
        if name == "json-schema":
            kind.add_argument("action", nargs="?", metavar="ACTION")
        shared.add_json(kind, "print errors as JSON")


def run(args: Namespace) -> int:
    """Print what was asked for to stdout."""
    args.export(args)
    return 0


def _action(args: Namespace) -> None:
    from ....definition.exchange import without_secrets, write_action
    from ....runtime.files.store import FileStore

    definition = load(args).definition
    step = requested(args, definition)
    action = definition.form(step.action).action
    _check_names(action.properties, step.parameters)
    step = without_secrets(step, action)
    files = FileStore(folder(args.output_dir))
    parameters = completed(_stored(step.parameters, files))
    written = write_action(replace(step, parameters=parameters))
    refuse_keys(written)
    print_json(written)


def _bytechef(args: Namespace) -> None:
    from ....definition.derive.bytechef import bytechef

    print_json(bytechef(load(args).definition))


def _json_schema(args: Namespace) -> None:
    from ....definition.derive.format_schema import format_schemas

    schema = load(args).definition.form(args.action).schema if args.action else format_schemas()
    print_json(schema)


def _mcp(args: Namespace) -> None:
    print_json({"tools": mcp.tools(args, load(args).definition)})


def _docs(args: Namespace) -> None:
    from ....definition.derive.reference import reference

    print_text(reference(load(args).definition), end="")


def _check_names(properties: Sequence[Property], parameters: JsonObject) -> None:
    """Raise InputError for names that the action does not have."""
    if problems := list(_unknown(properties, parameters, "")):
        raise InputError(problems)


def _unknown(properties: Sequence[Property], value: Json, prefix: str) -> Iterator[Problem]:
    from ....suggest import did_you_mean

    if not isinstance(value, dict) or not properties:
        return
    known = {prop.name or "": prop for prop in properties}
    for name, inner in value.items():
        path = f"{prefix}{name}"
        if name not in known:
            yield Problem(path, f"does not exist{did_you_mean(name, known)}")
        else:
            yield from _unknown(known[name].properties, inner, f"{path}.")
            items = known[name].items
            for i, item in enumerate(inner if items and isinstance(inner, list) else ()):
                yield from _unknown(items.properties if items else (), item, f"{path}[{i}].")


async def _stored(value: Json, store: FileStore) -> Json:
    """Put each local file into the store, and its FILE_ENTRY in its place."""
    if isinstance(value, Path):
        return (await store.put(value, value.name)).to_json()
    if isinstance(value, dict):
        return {key: await _stored(item, store) for key, item in value.items()}
    if isinstance(value, list):
        return [await _stored(item, store) for item in value]
    return value


_KINDS = {
    "action": (_action, "an action with its parameters, as people exchange it"),
    "bytechef": (_bytechef, "the component as a ByteChef canvas reads it"),
    "json-schema": (_json_schema, "the schema of an action's parameters, or of the YAML format"),
    "mcp": (_mcp, "the tools that an agent gets, as MCP lists them"),
    "docs": (_docs, "the reference of all actions, as Markdown"),
}
