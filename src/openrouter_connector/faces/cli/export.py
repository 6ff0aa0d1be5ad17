"""`export`: an action or the definition, as others read it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace

from . import parser as shared
from .connection import completed, folder, load
from .keys import refuse
from .parameters import check_names, requested, stored
from .terminal import print_json, print_text


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
        if name == "json-schema":
            kind.add_argument("action", nargs="?", metavar="ACTION")
        shared.add_json(kind, "print errors as JSON")


def run(args: Namespace) -> int:
    """Print what was asked for to stdout."""
    args.export(args)
    return 0


def _action(args: Namespace) -> None:
    from ...runtime.files import FileStore
    from ...workflows.action_json import write_action

    definition = load(args).definition
    step = requested(args, definition)
    check_names(definition.form(step.action).action.properties, step.parameters)
    files = FileStore(folder(args.output_dir))
    parameters = completed(stored(step.parameters, files))
    written = write_action(replace(step, parameters=parameters))
    refuse(written)
    print_json(written)


def _bytechef(args: Namespace) -> None:
    from ...definition.exports import bytechef

    print_json(bytechef(load(args).definition))


def _json_schema(args: Namespace) -> None:
    from ...definition.format import format_schemas

    schema = load(args).definition.form(args.action).schema if args.action else format_schemas()
    print_json(schema)


def _docs(args: Namespace) -> None:
    from ...definition.reference import reference

    print_text(reference(load(args).definition), end="")


_KINDS = {
    "action": (_action, "an action with its parameters, as people exchange it"),
    "bytechef": (_bytechef, "the component as a ByteChef canvas reads it"),
    "json-schema": (_json_schema, "the schema of an action's parameters, or of the YAML format"),
    "docs": (_docs, "the reference of all actions, as Markdown"),
}
